/**
 * What became of sending something. `refused`: for good. `later`: not taken now, and the same may be sent again. `unknown`:
 * nobody can tell whether it was taken.
 */
export interface Outcome {
  result: 'sent' | 'refused' | 'later' | 'unknown'
  /** Why it was not sent: a sentence, or what the other side said. */
  reason?: string
}
