import type { DeliveryReason } from '../../lib/notifications/reasons.ts'

/**
 * What became of sending something. `refused`: for good. `later`: not taken now, and the same may be sent again. `unknown`:
 * nobody can tell whether it was taken.
 */
export interface Outcome extends Partial<DeliveryReason> {
  result: 'sent' | 'refused' | 'later' | 'unknown'
}
