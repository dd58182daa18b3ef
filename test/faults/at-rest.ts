import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { isFinal, type Job } from '../../lib/jobs/job.ts'
import { endsOf, type Delivery } from '../../lib/notifications/delivery.ts'
import { readJournal, type Entry } from './journal.ts'
import type { Stored } from './stored.ts'

/** Longer than a mail takes: one that is being sent for longer is so for ever, since its sender was killed. */
const sendingMs = 10_000

export interface Expected {
  /** The jobs whose files were accepted: of any other the bytes may never come. */
  accepted: ReadonlySet<string>
  now: Date
}

/** What the server still has to do: nothing, once it is at rest. */
export function stillToCome(stored: Stored, { accepted, now }: Expected): string[] {
  const ofJobs = stored.jobs.entries().flatMap(([id, job]) => {
    const what = stillOfJob(id, job, stored.deliveries)
    return what === undefined || (job.status === 'UPLOADING' && !accepted.has(id)) ? [] : [`${id} ${what}`]
  })
  const ofDeliveries = stored.deliveries.entries().flatMap(([id, { status, updatedAt }]) => {
    const isSending = status === 'SENDING' && now.getTime() - updatedAt.getTime() < sendingMs
    return status === 'WAITING' || isSending ? [`the delivery ${id} is ${status}`] : []
  })
  const ofAccesses = stored.accesses
    .entries()
    .filter(([, { counted, object }]) => !counted && stored.tieredObjects.has(object))
    .map(([id, { object }]) => `the access ${id} of ${object} is not counted`)
  const looked = stored.tieredObjects
    .entries()
    .filter(([, { checkAt }]) => checkAt !== undefined)
    .map(([name]) => `${name} is looked at for more accesses`)
  const moving = stored.tieredObjects
    .entries()
    .filter(([, { move }]) => move?.status === 'update')
    .map(([name]) => `${name} is being moved`)
  const ofQueue = stored.queue.filter((name) => name !== 'sweep').map((name) => `an event waits for ${name}`)
  return [...ofJobs, ...ofDeliveries, ...ofAccesses, ...looked, ...moving, ...ofQueue]
}

function stillOfJob(
  id: string,
  job: Job,
  deliveries: ReadonlyMap<string, Pick<Delivery, 'via'>>,
): string | undefined {
  if (!isFinal(job.status)) return `is ${job.status}`
  if (job.outbox.length > 0) return `owes ${job.outbox.map(({ topic }) => topic).join(', ')}`
  if (job.status === 'DELETED') return job.purgeAt ? undefined : 'is deleted, and what it has stored is not'
  const untold = endsOf(id, job, job.updatedAt).find((end) => !deliveries.has(`${end.id}.mail`))
  return untold && `has ended (${untold.status}), and nobody is told`
}

export interface RestOptions {
  read: () => Promise<Stored>
  journal: string
  accepted: ReadonlySet<string>
  /** So long no event may have come but those of sweeps: the queue of the cloud cannot be looked into. */
  quietMs: number
  signal: AbortSignal
}

/** What is stored, and what is still to come of it. */
export interface Rest {
  stored: Stored
  missing: string[]
}

/** Waits until nothing is to come any more, or the signal aborts. */
export async function untilNothingIsToCome({ read, signal, ...expected }: RestOptions): Promise<Rest> {
  for (;;) {
    const now = new Date()
    const stored = await read()
    const missing = stillToCome(stored, { ...expected, now })
    if (missing.length === 0 || signal.aborted) return { stored, missing }
    await delay(500)
  }
}

/** Waits for the same, and until two whole sweeps have found nothing to do either. */
export async function untilAtRest(options: RestOptions): Promise<Rest> {
  for (;;) {
    const before = await untilNothingIsToCome(options)
    const since = Date.now()
    while (!isQuiet(await readJournal(options.journal), since, options.quietMs)) {
      if (options.signal.aborted) return before
      await delay(500)
    }
    const after = await untilNothingIsToCome(options)
    // Nothing has come in the meantime, but for a copy that changed nothing.
    if (isSame(before.stored, after.stored) || options.signal.aborted) return after
  }
}

/** All but what the queue holds of sweeps. */
const isSame = (one: Stored, other: Stored): boolean =>
  isDeepStrictEqual({ ...one, queue: [] }, { ...other, queue: [] })

/** Whether, since then, nothing but sweeps has come for so long, and at least three have ended: the first may have begun before. */
export function isQuiet(entries: readonly Entry[], since: number, quietMs: number): boolean {
  const delivered = entries.filter((entry) => entry.what === 'delivered')
  const last = delivered.findLast(({ function: name }) => name !== 'sweep')?.at ?? 0
  if (Date.now() - Math.max(last, since) < quietMs) return false
  return delivered.filter(({ at, function: name }) => name === 'sweep' && at > since).length >= 3
}
