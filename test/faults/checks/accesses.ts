import type { Evidence, Notes } from '../evidence.ts'
import type { Entry } from '../journal.ts'

/**
 * Each request that was answered with a URL is one access, each that was refused none, and each whose answer was lost at most one;
 * and what is counted of an object are the accesses that were told, each once. Exact but for one thing: of an access whose teller was killed
 * while it told, nobody knows whether it was told, and so it may be among those that are written down, or not.
 */
export function checkAccesses(evidence: Evidence, { count, say }: Notes): void {
  checkRequests(evidence, say)
  const { accesses, tieredObjects } = evidence.stored
  const written = Map.groupBy(accesses, ([, { object }]) => object)
  const telling = byObject(evidence.journal, 'telling')
  const told = byObject(evidence.journal, 'told')
  const noted = Map.groupBy(
    evidence.journal.filter((entry) => entry.what === 'access'),
    ({ object }) => object,
  )
  for (const [name, { count: counted, requests, bytesRead, bytes }] of tieredObjects) {
    const found = written.get(name) ?? []
    const ids = new Set(found.map(([id]) => id))
    const tellingIds = telling.get(name) ?? new Set()
    const stranger = [...ids.difference(tellingIds)]
    const lost = [...(told.get(name) ?? new Set<string>()).difference(ids)]
    for (const id of stranger) say(`${name}: the access ${id} was never told`)
    for (const id of lost) say(`${name}: the access ${id} was told, and is not written down`)
    const most = noted.get(name)?.length ?? 0
    if (tellingIds.size > most)
      say(`${name}: ${tellingIds.size} accesses were told, and ${most} were asked for`)
    if (counted !== found.length || requests !== found.length || bytesRead !== found.length * bytes)
      say(
        `${name}: ${counted} accesses, ${requests} requests and ${bytesRead} bytes are counted of ${found.length} accesses to ${bytes} bytes`,
      )
    count('accesses', counted)
  }
}

function checkRequests({ requests, journal }: Evidence, say: Notes['say']): void {
  const known = new Map(requests.map((request) => [request.id, request]))
  const counted = new Map<string, number>()
  for (const entry of journal) {
    if (entry.what !== 'access') continue
    const request = known.get(entry.request ?? '')
    if (request?.object !== entry.object)
      say(`${entry.object}: an access that nobody has asked for was counted`)
    else counted.set(request.id, (counted.get(request.id) ?? 0) + 1)
  }
  for (const { id, object, status } of requests) {
    const times = counted.get(id) ?? 0
    const isRefused = status !== undefined && status >= 400 && status < 500
    const [least, most] = status === 200 ? [1, 1] : [0, isRefused ? 0 : 1]
    if (times < least || times > most)
      say(`${object}: one request, answered with ${status ?? 'nothing'}, was counted as ${times} accesses`)
  }
}

function byObject(journal: readonly Entry[], what: 'telling' | 'told'): Map<string, Set<string>> {
  const all = journal.flatMap((entry) => (entry.what === what ? entry.accesses : []))
  const groups = Map.groupBy(all, ({ object }) => object)
  return new Map(groups.entries().map(([object, each]) => [object, new Set(each.map(({ id }) => id))]))
}
