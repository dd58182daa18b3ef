import type { Collection } from '../collection.ts'
import { later } from '../jobs/change.ts'
import type { Job, StoredObject } from '../jobs/job.ts'
import { isJobId, mp3Name, mp4Name, renamed } from '../jobs/names.ts'
import { serverTime, type Writable } from '../server-time.ts'
import type { StorageClass } from '../storage-class.ts'
import type { Access } from './access.ts'
import { expectedDemand } from './demand.ts'
import { cooled } from './heat.ts'
import type { Choice, Holding } from './holding.ts'
import { levelWith, type Level } from './levels.ts'
import { dayOf, type Move, type MoveRecord } from './move.ts'
import { movingCost, readingCost, storagePerDay } from './storage-prices.ts'

/** What is known of an MP3's or MP4's demand, and where it is kept. Its id is the object's name in the target bucket. */
export interface TieredObject {
  jobId: string
  owner: string
  /** As its owner sees it. */
  filename: string
  bytes: number
  storageClass: StorageClass
  /** The name of the level that keeps objects in this class; empty where none does. */
  level: string
  /** Accesses so far, or as many as somebody has said. */
  count: number
  /** The same, older ones counting less (`cooled`), as it was at `heatAt`: at the latest access, or when it was new. */
  heat: number
  heatAt: Date
  /** What the accesses have read. */
  requests: number
  bytesRead: number
  /** Somebody has said its count: from then on the ranges of the levels choose its class, whatever the policy is. */
  byRanges?: boolean
  classSince: Date
  move?: Move
  /** When accesses were last added up. */
  countedAt?: Date
  /** Accesses may have come since they were last added up: then is to be looked again. */
  checkAt?: Date
  /** When its class is to be chosen anew. */
  chooseAt?: Date
  /** When somebody has to look at it: the earliest of all that. */
  dueAt?: Date
  createdAt: Date
  updatedAt: Date
}

export const tieredObjects: Collection<TieredObject> = { name: 'objects' }

/** The object that an id in a request means: a job's MP3, or with `.mp4` its MP4. Undefined where it can mean none. */
export function objectMeant(id: string): string | undefined {
  const [, jobId = '', extension = 'mp3'] = /^(.*?)(?:\.(mp3|mp4))?$/.exec(id) ?? []
  if (!isJobId(jobId)) return undefined
  return extension === 'mp3' ? mp3Name(jobId) : mp4Name(jobId)
}

/** A job's files in the target bucket, with what they are called for its owner. */
export function filesOf(
  job: Pick<Job, 'target' | 'video' | 'filename'>,
): (StoredObject & { filename: string })[] {
  const { target, video, filename } = job
  return [
    ...(target ? [{ ...target, filename: renamed(filename, '.mp3') }] : []),
    ...(video && 'name' in video ? [{ ...video, filename: renamed(filename, '.mp4') }] : []),
  ]
}

export interface NewObject {
  jobId: string
  owner: string
  filename: string
  bytes: number
  storageClass: StorageClass
  graceDays: number
}

/** An object that nobody has asked for yet. `now` is the store's clock. */
export function newTieredObject(
  { graceDays, ...object }: NewObject,
  levels: readonly Level[],
  now: Date,
): Writable<TieredObject> {
  const chooseAt = daysLater(now, graceDays)
  return {
    ...object,
    level: levelWith(levels, object.storageClass, 0)?.name ?? '',
    count: 0,
    heat: 0,
    heatAt: now,
    requests: 0,
    bytesRead: 0,
    classSince: now,
    chooseAt,
    dueAt: chooseAt,
    createdAt: serverTime(),
    updatedAt: serverTime(),
  }
}

/** What comes within the second in which nobody adds up again (functions/tier/count.ts) is there by then. */
const checkSeconds = 5

/** The object with these accesses in its figures. `more`: there are others that did not fit. */
export function withAccesses(
  object: TieredObject,
  accesses: readonly Pick<Access, 'count' | 'requests' | 'bytes'>[],
  { halfLifeDays, more, now }: { halfLifeDays: number; more: boolean; now: Date },
): Writable<TieredObject> {
  if (accesses.length === 0) return without(object, 'checkAt')
  const sum = (field: 'count' | 'requests' | 'bytes'): number =>
    accesses.reduce((total, access) => total + access[field], 0)
  return {
    ...object,
    count: object.count + sum('count'),
    heat: heatNow(object, halfLifeDays, now) + sum('count'),
    heatAt: now,
    requests: object.requests + sum('requests'),
    bytesRead: object.bytesRead + sum('bytes'),
    countedAt: serverTime(),
    checkAt: later(now, more ? 1 : checkSeconds),
  }
}

/** The object as if it had been asked for so often, lately and as a whole. */
export const withCount = (object: TieredObject, count: number, now: Date): TieredObject => ({
  ...object,
  count,
  heat: count,
  heatAt: now,
  requests: count,
  bytesRead: count * object.bytes,
  byRanges: true,
})

/** How often it was asked for, older accesses counting less, as of now. */
export const heatNow = (
  { heat, heatAt }: Pick<TieredObject, 'heat' | 'heatAt'>,
  halfLifeDays: number,
  now: Date,
): number => cooled(heat, daysBetween(heatAt, now), halfLifeDays)

/** What a policy looks at. */
export function holdingOf(object: TieredObject, halfLifeDays: number, now: Date): Holding {
  const { bytes, storageClass, classSince, createdAt, heatAt, count, requests, bytesRead } = object
  return {
    bytes,
    storageClass,
    daysInClass: daysBetween(classSince, now),
    ageDays: daysBetween(createdAt, now),
    idleDays: daysBetween(heatAt, now),
    heat: heatNow(object, halfLifeDays, now),
    perAccess:
      count === 0 ? { bytes, requests: 1 } : { bytes: bytesRead / count, requests: requests / count },
  }
}

export interface Placing {
  levels: readonly Level[]
  now: Date
  /** As of now. */
  heat: number
  /** The move that begins where another class is chosen. */
  move: Pick<Move, 'id' | 'worker' | 'leaseUntil'>
}

/** The object with what was chosen for it: a move to another class begins, unless one is under way. */
export function placed(
  object: Writable<TieredObject>,
  { storageClass, againInDays }: Choice,
  { levels, now, heat, move }: Placing,
): Writable<TieredObject> {
  const level = levelWith(levels, object.storageClass, heat)?.name ?? ''
  const chosen =
    againInDays === Infinity ? without(object, 'chooseAt') : chooseAgain(object, againInDays, now)
  if (isMoving(object) || storageClass === object.storageClass) return withDueAt({ ...chosen, level }, now)
  const begun = {
    ...move,
    from: object.storageClass,
    to: storageClass,
    status: 'update',
    begunAt: now,
  } as const
  return withDueAt({ ...chosen, level, move: begun }, now)
}

const chooseAgain = (object: Writable<TieredObject>, days: number, now: Date): Writable<TieredObject> => ({
  ...object,
  chooseAt: daysLater(now, days),
})

export const isMoving = ({ move }: Pick<Writable<TieredObject>, 'move'>): boolean => move?.status === 'update'

/** The object with this worker at its move for a while; undefined where there is none, or somebody else is at it. */
export function claimed(
  object: TieredObject,
  worker: string,
  leaseSeconds: number,
  now: Date,
): Writable<TieredObject> | undefined {
  const { move } = object
  if (move?.status !== 'update' || (move.leaseUntil && move.leaseUntil > now)) return undefined
  const taken = { ...move, worker, leaseUntil: later(now, leaseSeconds) }
  return withDueAt({ ...object, move: taken }, now)
}

/** How a move has ended. */
interface MoveEnd {
  move: Move
  /** What the store has now. */
  info: { storageClass: StorageClass; size: number }
  now: Date
  /** Why it was not made. */
  reason?: NonNullable<Move['reason']>
}

/** The object as its move has left it. */
export function moved(object: TieredObject, { move, info, now, reason }: MoveEnd): TieredObject {
  const { storageClass, size: bytes } = info
  const isElsewhere = storageClass !== object.storageClass
  return {
    ...object,
    bytes,
    storageClass,
    ...(isElsewhere && { classSince: now }),
    move: { ...ended(move), ...(reason && { reason }) },
  }
}

function ended({ leaseUntil: _leaseUntil, ...move }: Move): Move {
  return { ...move, status: 'done' }
}

/** What is noted of a move that was made now, of an object as it was before it. */
export function moveRecord(
  name: string,
  object: TieredObject,
  { from, to }: Move,
  { halfLifeDays, now }: { halfLifeDays: number; now: Date },
): MoveRecord {
  const { owner, bytes } = object
  const holding = holdingOf(object, halfLifeDays, now)
  const { perDay: accesses } = expectedDemand(holding, halfLifeDays)
  const { bytes: read, requests } = holding.perAccess
  const perDay = (storageClass: StorageClass): number =>
    storagePerDay(bytes, storageClass) + accesses * readingCost(read, requests, storageClass)
  const savesPerDay = perDay(from) - perDay(to)
  const fee = movingCost(bytes, from, to, holding.daysInClass)
  return {
    owner,
    object: name,
    bytes,
    from,
    to,
    at: now,
    fee,
    savesPerDay,
    savingOffset: savesPerDay * dayOf(now),
  }
}

function withDueAt(object: Writable<TieredObject>, now: Date): Writable<TieredObject> {
  const { checkAt, chooseAt, move } = object
  const times = [checkAt, isMoving(object) ? (move?.leaseUntil ?? now) : chooseAt]
  const dates = times
    .filter((time) => time instanceof Date)
    .toSorted((one, other) => one.getTime() - other.getTime())
  const touched = { ...without(object, 'dueAt'), updatedAt: serverTime() }
  return dates[0] ? { ...touched, dueAt: dates[0] } : touched
}

function without(
  object: Writable<TieredObject>,
  field: 'checkAt' | 'chooseAt' | 'dueAt',
): Writable<TieredObject> {
  const rest = { ...object }
  delete rest[field]
  return rest
}

const daysBetween = (from: Date, to: Date): number => Math.max(0, dayOf(to) - dayOf(from))
const daysLater = (now: Date, days: number): Date => later(now, days * 24 * 60 * 60)
