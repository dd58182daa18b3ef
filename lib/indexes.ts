export type Direction = 'asc' | 'desc'

/** The fields of an index, in order. */
export interface Index {
  collection: string
  fields: readonly (readonly [field: string, direction: Direction])[]
}

/**
 * Every index that a query of ours needs. Firestore makes those of one field by itself, the others are deployed from this
 * list; the local store makes them all, and refuses a query that has none, as Firestore does.
 */
export const indexes: readonly Index[] = [
  // An owner's jobs, newest first; the same by status; and everybody's, for an admin. A prefix of the filename is read off the index.
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['createdAt', 'desc'],
      ['filename', 'asc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['owner', 'asc'],
      ['status', 'asc'],
      ['createdAt', 'desc'],
      ['filename', 'asc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['createdAt', 'desc'],
      ['filename', 'asc'],
    ],
  },
  {
    collection: 'jobs',
    fields: [
      ['status', 'asc'],
      ['createdAt', 'desc'],
      ['filename', 'asc'],
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
  // What is due, for sweep.
  { collection: 'jobs', fields: [['dueAt', 'asc']] },
]

/** The field at whose time the store deletes a record by itself. */
export const timesToLive: Readonly<Record<string, string>> = { jobs: 'purgeAt' }

interface IndexedQuery {
  collection: string
  equal: string[]
  ranged: string[]
  orderBy: readonly [field: string, direction: Direction] | undefined
}

/**
 * The index that answers this query: its equality fields first, then the order, then other ranges.
 * One field alone, in whichever direction, needs no index of ours.
 */
export function indexFor(
  query: IndexedQuery,
  all: readonly Index[] = indexes,
): Index | 'automatic' | undefined {
  const order = query.orderBy ? [query.orderBy] : []
  const ranged = query.ranged.filter((field) => field !== query.orderBy?.[0])
  if (new Set([...query.equal, ...order.map(([field]) => field), ...ranged]).size <= 1) return 'automatic'
  return all.find(({ collection, fields }) => {
    if (collection !== query.collection) return false
    const equal = fields.slice(0, query.equal.length).map(([field]) => field)
    const rest = fields.slice(query.equal.length)
    return (
      query.equal.every((field) => equal.includes(field)) &&
      order.every(([field, direction]) => rest[0]?.[0] === field && rest[0][1] === direction) &&
      ranged.every((field) => rest.slice(order.length).some(([indexed]) => indexed === field))
    )
  })
}
