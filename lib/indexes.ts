export type Direction = 'asc' | 'desc'

/** The fields of an index, in order. */
export interface Index {
  collection: string
  fields: readonly (readonly [field: string, direction: Direction])[]
}

const movesBy = (field: string): Index[] => [
  {
    collection: 'moves',
    fields: [
      ['owner', 'asc'],
      ['at', 'asc'],
      [field, 'asc'],
    ],
  },
  {
    collection: 'moves',
    fields: [
      ['at', 'asc'],
      [field, 'asc'],
    ],
  },
]

/**
 * Every index that a query of ours needs. Firestore makes those of one field by itself, the others are deployed from this
 * list; the local store makes them all, and refuses a query that has none, as Firestore does.
 */
export const indexes: readonly Index[] = [
  // An owner's jobs, newest first, and everybody's, for an admin; the same by status; each by a prefix of the filename too.
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['createdAt', 'desc'],
      ['filename', 'desc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['status', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['status', 'asc'],
      ['createdAt', 'desc'],
      ['filename', 'desc'],
    ],
  },
  { collection: 'jobs', fields: [['createdAt', 'desc']] },
  {
    collection: 'jobs',
    fields: [
      ['createdAt', 'desc'],
      ['filename', 'desc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['status', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['status', 'asc'],
      ['createdAt', 'desc'],
      ['filename', 'desc'],
    ],
  },
  // What has changed, for events.
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['updatedAt', 'asc'],
    ],
  },
  { collection: 'jobs', fields: [['updatedAt', 'asc']] },
  // What an owner has stored and how many jobs are not over, for quotas.
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['createdAt', 'asc'],
      ['storedBytes', 'asc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['active', 'asc'],
      ['createdAt', 'asc'],
    ],
  },
  // What an owner was sent, newest first; and what was sent about a job.
  {
    collection: 'deliveries',
    fields: [
      ['owner', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  {
    collection: 'deliveries',
    fields: [
      ['jobId', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  // An object's accesses that are still to be added up, the oldest first.
  {
    collection: 'accesses',
    fields: [
      ['object', 'asc'],
      ['counted', 'asc'],
      ['createdAt', 'asc'],
    ],
  },
  // An owner's objects, newest first, and everybody's, for an admin; the same by level.
  {
    collection: 'objects',
    fields: [
      ['owner', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  {
    collection: 'objects',
    fields: [
      ['owner', 'asc'],
      ['level', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  { collection: 'objects', fields: [['createdAt', 'desc']] },
  {
    collection: 'objects',
    fields: [
      ['level', 'asc'],
      ['createdAt', 'desc'],
    ],
  },
  // How many bytes a level has in a class, of an owner and of all.
  {
    collection: 'objects',
    fields: [
      ['owner', 'asc'],
      ['level', 'asc'],
      ['storageClass', 'asc'],
      ['bytes', 'asc'],
    ],
  },
  {
    collection: 'objects',
    fields: [
      ['level', 'asc'],
      ['storageClass', 'asc'],
      ['bytes', 'asc'],
    ],
  },
  // What moves of the last while have cost and saved, of an owner's objects and of all.
  {
    collection: 'moves',
    fields: [
      ['owner', 'asc'],
      ['at', 'asc'],
    ],
  },
  ...(['fee', 'savesPerDay', 'savingOffset'] as const).flatMap((field) => movesBy(field)),
  // What is due, for sweep.
  { collection: 'jobs', fields: [['dueAt', 'asc']] },
  { collection: 'deliveries', fields: [['dueAt', 'asc']] },
  { collection: 'objects', fields: [['dueAt', 'asc']] },
]

/** The field at whose time the store deletes a record by itself. */
export const timesToLive: Readonly<Record<string, string>> = {
  jobs: 'purgeAt',
  accesses: 'purgeAt',
  throttles: 'purgeAt',
  acquaintances: 'purgeAt',
  keys: 'purgeAt',
  deliveries: 'purgeAt',
  streams: 'expiresAt',
}

interface IndexedQuery {
  collection: string
  equal: string[]
  ranged: string[]
  orderBy: readonly [field: string, direction: Direction] | undefined
  /** What is added up: Firestore sums from the index alone. */
  summed?: string | undefined
}

/**
 * The index that answers this query: its equality fields first, then the order, then other ranges in the direction of the
 * order, as Firestore appends them, then what is to be summed; nothing else, since a record without one of its fields is in
 * no index.
 * One field alone, in whichever direction, needs no index of ours.
 */
export function indexFor(
  query: IndexedQuery,
  all: readonly Index[] = indexes,
): Index | 'automatic' | undefined {
  const equal = new Set(query.equal)
  const order = query.orderBy ? [query.orderBy] : []
  const direction = query.orderBy?.[1] ?? 'asc'
  const further = new Set([...query.ranged.toSorted(), ...(query.summed === undefined ? [] : [query.summed])])
  const others = [...further]
    .filter((field) => field !== query.orderBy?.[0])
    .map((field) => [field, direction] as const)
  const rest = [...order, ...others].filter(([field]) => !equal.has(field))
  if (equal.size + rest.length <= 1) return 'automatic'
  return all.find(
    ({ collection, fields }) =>
      collection === query.collection &&
      fields.length === equal.size + rest.length &&
      fields.slice(0, equal.size).every(([field]) => equal.has(field)) &&
      fields
        .slice(equal.size)
        .every(([field, way], place) => rest[place]?.[0] === field && rest[place][1] === way),
  )
}
