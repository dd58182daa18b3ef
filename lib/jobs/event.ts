import type { JobErrorCode } from '../problems.ts'
import type { Actor, Job, Media, Mp3, OwedMessage, StoredObject, Warning } from './job.ts'

/** Everything that can happen to a job. `attempt` is the fence: what a worker of an older attempt says is refused. */
export type JobEvent = { actor: Actor } & (
  | { type: 'uploaded'; source: StoredObject }
  /** Of a form that has long been on its way. */
  | { type: 'stillComing' }
  /** `media`: where it is known already, and no MP4 is to be made first, the encoding begins with the claim. */
  | { type: 'claimed'; attempt: number; isAvi: boolean; media?: Media; leaseSeconds: number }
  | { type: 'renewed'; attempt: number; progress: number; leaseSeconds: number }
  | { type: 'remuxed'; attempt: number; video: NonNullable<Job['video']> }
  | { type: 'encoding'; attempt: number; media: Media }
  | { type: 'completed'; attempt: number; target: Mp3; warnings: Warning[]; sourceDays: number }
  | { type: 'failed'; attempt: number; code: JobErrorCode; message: string; sourceDays: number }
  /** `pauseSeconds`: leave the job alone for so long before the next attempt; without it that begins at once. */
  | {
      type: 'handedBack'
      attempt: number
      sourceDays: number
      pauseSeconds?: number
      /** The claim was not renewed in time: whoever holds it has lost it. */
      leaseOver?: boolean
      /** It was nobody's fault, and does not count as one of the tries. */
      uncounted?: boolean
    }
  | { type: 'driven' }
  | { type: 'published'; messages: readonly OwedMessage[] }
  | { type: 'retried' }
  | { type: 'sourceExpired' }
  /** A file of its has another storage class, and with it another generation. */
  | { type: 'moved'; file: 'target' | 'video'; generation: string }
  | { type: 'deleted' }
  | { type: 'purgeDelayed'; leaseSeconds: number }
  | { type: 'purged' }
)

export type TransitionErrorReason = 'stale' | 'deleted' | 'claimed' | 'illegal'

/** Why an event was refused: an older attempt's, a deleted job, somebody else's claim, or not possible in this status. */
export class TransitionError extends Error {
  override readonly name = 'TransitionError'
  readonly reason: TransitionErrorReason
  constructor(reason: TransitionErrorReason, message: string) {
    super(message)
    this.reason = reason
  }
}
