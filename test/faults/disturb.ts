import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { Disk } from './disk.ts'
import { childrenOf, type Host } from './host.ts'
import { picked } from './plan.ts'

/**
 * Kills servers and their ffmpegs, and fills their disk, each at least once, until the signal aborts; a server runs then.
 * `tell` is called before each.
 */
export async function disturb(
  host: Host,
  disk: Disk | undefined,
  random: Random,
  signal: AbortSignal,
  tell: (what: string) => void,
): Promise<void> {
  async function restart(): Promise<void> {
    try {
      await host.start({ faults: true })
    } catch (error) {
      if (!disk) throw error
      tell('a server did not start, on a disk that was full')
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
    'an ffmpeg is killed': async (pick: number) => {
      const pid = picked(childrenOf(host.server()), pick)
      if (pid !== undefined) kill(pid)
    },
    ...(disk && {
      'the disk is full for a while': async (pick: number) => {
        await disk.fill()
        await delay(200 + pick * 1300)
        await disk.empty()
      },
    }),
  }
  do
    for (const [what, happen] of random.shuffled(Object.entries(disturbances))) {
      const [pauseMs, pick] = [random.between(300, 2500), random.next()]
      await delay(pauseMs)
      tell(what)
      await happen(pick)
    }
  while (!signal.aborted)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
