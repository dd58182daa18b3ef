import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'

/**
 * `node keeper.ts FOLDER COMMAND ARGUMENT…` runs the command until standard input ends, which it does however the process
 * at its other end came to its end. Then the command's whole process group is killed and the folder removed.
 */
const [folder = '', command = '', ...args] = process.argv.slice(2)

// A group of its own: ending only gcloud would leave Java behind.
const child = spawn(command, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] })

function end(): never {
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group has ended already.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit()
}

child.on('error', (error) => {
  console.error(error)
  end()
})
child.on('exit', end)
process.stdin.on('end', end).resume()
