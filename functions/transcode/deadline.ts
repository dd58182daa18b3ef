import { readConfig } from '../../lib/config.ts'
import type { JobErrorCode } from '../../lib/problems.ts'
import { shutdown } from '../shared/shutdown.ts'

const config = readConfig(['WORK_DEADLINE_SECONDS'])

/** The worker has to stop before its job is done, through no fault of the job: another attempt goes on. */
export class HandBack extends Error {
  override readonly name = 'HandBack'
  /** Whether the attempt has had its time, and so counts. */
  readonly counts: boolean
  constructor(message: string, counts: boolean) {
    super(message)
    this.counts = counts
  }
}

/** The source cannot be converted within one deadline, however often it is tried. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
  readonly code: JobErrorCode = 'TOO_LONG'
}

export interface Deadline {
  /** Judges from how much of the last step is done whether its end can be reached. */
  expect(fraction: number): void
  end(): void
}

/** After so long the speed of a conversion is known well enough to extrapolate. */
const observedSeconds = 30

/**
 * How long a run will have taken whose last step, begun after `beforeSeconds`, has come from the fraction `from` to `to` of its work in
 * `stepSeconds`; undefined while that is a guess.
 */
export function neededSeconds(
  beforeSeconds: number,
  stepSeconds: number,
  from: number,
  to: number,
): number | undefined {
  if (stepSeconds < observedSeconds || to <= from) return undefined
  return beforeSeconds + stepSeconds * ((1 - from) / (to - from))
}

/**
 * The time that one run has: to its deadline (WORK_DEADLINE_SECONDS, if there is one), or until the server is shut down.
 * Then, or once it is clear that it will not do, aborts `stop` with HandBack or TooLong.
 */
export function startDeadline(stop: AbortController): Deadline {
  const { WORK_DEADLINE_SECONDS: limit } = config
  const shutDown = (): void => stop.abort(new HandBack('The server is shutting down.', false))
  if (shutdown.aborted) shutDown()
  shutdown.addEventListener('abort', shutDown)
  const startedAt = performance.now()
  let step: { startedAt: number; from: number } | undefined
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(() => stop.abort(new HandBack(`${limit} s were not enough.`, true)), limit * 1000)
  return {
    expect(fraction) {
      if (limit === undefined) return
      // Some of it may have been done beside the step before, at another speed.
      step ??= { startedAt: performance.now(), from: fraction }
      const beforeSeconds = (step.startedAt - startedAt) / 1000
      const stepSeconds = (performance.now() - step.startedAt) / 1000
      const needed = neededSeconds(beforeSeconds, stepSeconds, step.from, fraction)
      if (needed !== undefined && needed > limit) stop.abort(tooLong(needed, limit))
    },
    end() {
      clearTimeout(timer)
      shutdown.removeEventListener('abort', shutDown)
    },
  }
}

const tooLong = (needed: number, limit: number): TooLong =>
  new TooLong(
    `The video is too long: its conversion would take about ${Math.ceil(needed / 60)} minutes, and has to end within ` +
      `${Math.floor(limit / 60)}. Cut it into shorter parts.`,
  )
