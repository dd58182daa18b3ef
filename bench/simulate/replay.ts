import type { StorageClass } from '../../lib/storage-class.ts'
import { cooled } from '../../lib/tiers/heat.ts'
import type { Choice, Holding } from '../../lib/tiers/holding.ts'
import { bookkeeping, counting, looking, type Ledger } from './ledger.ts'
import type { History } from './trace.ts'

/** What is asked where an object belongs, at the beginning of a day. */
export type Ask = (holding: Holding, day: number) => Choice

/** What `tier` is set to. */
export interface Settings {
  graceDays: number
  halfLifeDays: number
}

/**
 * Keeps an object as `tier` does. The reads of a day pay in the class that it is in; then, at the day's end, the policy is asked,
 * and also when the time that it has set itself is over. Whatever it wants is done before the next day.
 */
export function replay(
  history: History,
  { graceDays, halfLifeDays }: Settings,
  ask: Ask,
  ledger: Ledger,
): void {
  const { createdOn, bytes, days, readOn, reads } = history
  const perAccess = { bytes, requests: 1 }
  let storageClass: StorageClass = 'STANDARD'
  let since = createdOn
  let heat = 0
  let heatOn = createdOn
  let lookOn = createdOn + graceDays
  for (let next = 0; ;) {
    const readBefore = (readOn[next] ?? Infinity) + 1
    const today = Math.min(lookOn, readBefore)
    if (today > days) break
    if (readBefore === today) {
      const count = reads[next++] ?? 0
      heat = cooled(heat, today - heatOn, halfLifeDays) + count
      heatOn = today
      ledger.read(bytes, storageClass, count)
      ledger.fees += count * counting
    }
    if (today === days) break
    ledger.looks++
    if (readBefore !== today) ledger.fees += looking
    const ageDays = today - createdOn
    const idleDays = today - heatOn
    const times = { ageDays, idleDays, daysInClass: today - since }
    const cool = cooled(heat, idleDays, halfLifeDays)
    const choice = ask({ bytes, storageClass, ...times, heat: cool, perAccess }, today)
    lookOn = today + Math.max(1, Math.ceil(choice.againInDays))
    if (choice.storageClass === storageClass) continue
    ledger.keep(bytes, storageClass, today - since)
    ledger.rewrite(bytes, storageClass, choice.storageClass, today - since)
    ledger.fees += bookkeeping
    ;({ storageClass } = choice)
    since = today
  }
  ledger.keep(bytes, storageClass, days - since)
}
