import { setTimeout as delay } from 'node:timers/promises'
import type { Disk } from './disk.ts'
import { childrenOf, type Host } from './host.ts'
import type { Random } from '../random.ts'

/**
 * Kills servers and their ffmpegs, and fills their disk, each at least once, until the signal aborts; a server runs then.
 * Gives what was done how often.
 */
export async function disturb(
  host: Host,
  disk: Disk | undefined,
  random: Random,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const done = new Map<string, number>()
  const count = (what: string): void => void done.set(what, (done.get(what) ?? 0) + 1)

  async function restart(): Promise<void> {
    try {
      await host.start({ faults: true })
    } catch (error) {
      if (!disk) throw error
      count('a server did not start, on a disk that was full')
      await disk.empty()
      await host.start({ faults: true })
    }
  }

  const disturbances = {
    'the server and its ffmpegs are killed': async () => {
      await host.kill('all')
      await restart()
    },
    'the server alone is killed': async () => {
      await host.kill('alone')
      await restart()
    },
    'an ffmpeg is killed': async () => {
      const [first, ...others] = childrenOf(host.server())
      if (first !== undefined) kill(random.oneOf([first, ...others]))
    },
    ...(disk && {
      'the disk is full for a while': async () => {
        await disk.fill()
        await delay(random.between(200, 1500))
        await disk.empty()
      },
    }),
  }
  do
    for (const [what, happen] of random.shuffled(Object.entries(disturbances))) {
      await delay(random.between(300, 2500))
      count(what)
      await happen()
    }
  while (!signal.aborted)
  return done
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
