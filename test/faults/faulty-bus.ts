import { openBus as openRealBus, type LocalBus } from '../../platform/local/bus.ts'
import type { FunctionName } from '../../lib/functions.ts'
import { between, happens } from './injected.ts'
import { note } from './journal.ts'

export type * from '../../platform/local/bus.ts'

const often = 0.2

/** The queue of events, which come again though they were accepted, late, and in another order. */
export function openBus(...args: Parameters<typeof openRealBus>): LocalBus {
  const bus = openRealBus(...args)
  const handedOut = new Map<number, FunctionName>()
  return {
    ...bus,
    async delivered(id) {
      note({ what: 'delivered', function: handedOut.get(id) ?? '' })
      if (happens('an event comes again', often)) await bus.failed(id, between(0, 5))
      else await bus.delivered(id)
    },
    due(names, limit, except = []) {
      // More than are wanted, so that those at the end can come first.
      const due = bus.due(names, limit * 3 + 3, except)
      const late = due.filter(() => happens('an event is late', often))
      // Where the disk is full, it is not late after all.
      for (const { id } of late) bus.failed(id, between(0.5, 3)).catch(() => undefined)
      const rest = due.filter((event) => !late.includes(event))
      if (rest.length > limit && happens('events change places', often)) rest.reverse()
      const out = rest.slice(0, limit)
      for (const { id, function: name } of out) handedOut.set(id, name)
      return out
    },
  }
}
