import { CommanderError } from 'commander'
import { exitCodeOf, readArguments } from './arguments.ts'
import { makeFolder, planTasks, PlanError } from './plan.ts'
import { describeSummary, printable } from './report.ts'
import { run } from './run.ts'
import { openScreen, type Screen } from './screen.ts'

const exitCodes = { ok: 0, failed: 1, usage: 2 }
/** As a shell reports an end by a signal: 128 and the signal's number. */
const signalExitCodes = { SIGINT: 130, SIGTERM: 143 }
/** Whoever ends the program does not wait any longer for what is being cleared away. */
const farewellSeconds = 3

const stop = new AbortController()
for (const [signal, exitCode] of Object.entries(signalExitCodes))
  process.on(signal, () => interrupt(exitCode))

// A terminal that was closed. What runs in this process knows the usual end.
process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))

let interruptedWith: number | undefined
const result = await main()
process.exit(interruptedWith ?? result)

function interrupt(exitCode: number): void {
  if (interruptedWith !== undefined) process.exit(exitCode)
  interruptedWith = exitCode
  setTimeout(() => process.exit(exitCode), farewellSeconds * 1000)
  stop.abort(new Error('Interrupted.'))
}

/** Does what the command line asks for; resolves to the exit code. */
async function main(): Promise<number> {
  let screen: Screen | undefined
  try {
    // `npm run` changes to the package's folder, but paths are meant from where it was called.
    const { npm_lifecycle_event: script, INIT_CWD: calledFrom } = process.env
    if (script === 'convert' && calledFrom) process.chdir(calledFrom)
    const request = readArguments(process.argv.slice(2), process.env)
    const tasks = planTasks(request.files, request.out)
    if (request.out !== undefined) await makeFolder(request.out)
    screen = await openScreen()
    const { converted, failed } = await run(request, tasks, { screen, signal: stop.signal })
    screen.print(describeSummary(converted, failed))
    return failed === 0 ? exitCodes.ok : exitCodes.failed
  } catch (error) {
    // Its message has been printed already.
    if (error instanceof CommanderError) return exitCodeOf(error)
    screen?.close()
    const message = error instanceof Error ? error.message : String(error)
    console.error(message.split('\n').map(printable).join('\n'))
    return error instanceof PlanError ? exitCodes.usage : exitCodes.failed
  } finally {
    screen?.close()
  }
}
