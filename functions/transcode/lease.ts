import { TransitionError } from '../../lib/jobs/event.ts'
import type { Actor } from '../../lib/jobs/job.ts'
import { log } from '../../lib/log.ts'
import { advance } from '../shared/jobs.ts'

/** The claim is no longer this worker's: the job was deleted, or another attempt has begun. Whatever it does now is void. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

export interface Lease {
  /** Tells how far the present step is, from 0 to 1; written down at most once a second. */
  progress: (fraction: number) => void
  /** Stops renewing, once what is being written has been. */
  end(): Promise<void>
}

/** Keeps a claimed job's claim alive, with its progress, until it is ended. Once the claim is lost, aborts `stop` with LeaseLost. */
export function keepLease(
  jobId: string,
  attempt: number,
  actor: Actor,
  leaseSeconds: number,
  stop: AbortController,
): Lease {
  let written = { progress: 0, at: performance.now() }
  let progress = 0
  let renewing: Promise<void> = Promise.resolve()
  let isRenewing = false

  async function renew(): Promise<void> {
    const startedAt = performance.now()
    const reported = progress
    try {
      await advance(jobId, { type: 'renewed', actor, attempt, progress: reported, leaseSeconds })
      written = { progress: reported, at: startedAt }
    } catch (error) {
      if (error instanceof TransitionError) stop.abort(new LeaseLost(error.message))
      else if (secondsSince(written.at) > leaseSeconds)
        stop.abort(new LeaseLost('The claim could not be renewed in time.'))
      else log.error('A claim could not be renewed; trying again', error, { job: jobId })
    }
  }

  function tick(): void {
    const isDue = secondsSince(written.at) >= leaseSeconds / 3
    const hasMoved = Math.abs(progress - written.progress) >= 0.01
    if (isRenewing || stop.signal.aborted || !(isDue || hasMoved)) return
    isRenewing = true
    renewing = renew().finally(() => (isRenewing = false))
  }

  const timer = setInterval(tick, Math.min(1000, (leaseSeconds * 1000) / 6))
  return {
    progress: (fraction) => void (progress = Math.min(Math.max(fraction, 0), 1)),
    async end() {
      clearInterval(timer)
      await renewing
    },
  }
}

const secondsSince = (time: number): number => (performance.now() - time) / 1000
