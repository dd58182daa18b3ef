import { indexFor, type Index } from '../../lib/indexes.ts'
import type { Matching, Query } from '../ports.ts'
import { encodeValue } from './documents.ts'

/** The SQL that reads this field of a document. */
export const column = (field: string): string => {
  if (!/^\w+$/.test(field)) throw new Error(`${field} is not a field name.`)
  return `json_extract(data, '$.${field}')`
}

/** The SQL that only records of this collection meet: to the letter that of its indexes, or SQLite would not use them. */
const inCollection = (name: string): string => {
  if (!/^[\w-]+$/.test(name)) throw new Error(`${name} is not the name of a collection.`)
  return `collection = '${name}'`
}

const indexName = ({ collection, fields }: Index): string =>
  ['records', collection, ...fields.flat()].join('_')

/** The SQL that makes an index, of its own collection's records alone: others need not be written into it. */
export function indexSql(index: Index): string {
  const columns = index.fields.map(([field, direction]) => `${column(field)} ${direction}`)
  return `CREATE INDEX ${indexName(index)} ON records (collection, ${columns.join(', ')}) WHERE ${inCollection(index.collection)}`
}

/** A query, or the part of one that a watch has. */
export type AnyQuery<T> = Omit<Query<T>, 'limit' | 'orderBy'> & {
  orderBy?: Query<T>['orderBy']
  limit?: number
}

/** Results come in the order of the field that a range is asked for, where no other order is: so they do in Firestore. */
export function inOrder<T>(query: AnyQuery<T>): AnyQuery<T> {
  const field = query.where?.find(({ is }) => is !== '==')?.field
  return field === undefined || query.orderBy ? query : { ...query, orderBy: { field, direction: 'asc' } }
}

/** The index that Firestore would take. Throws where that would: a query over several fields needs one. */
function requireIndex<T>(
  { collection, where = [], orderBy }: AnyQuery<T>,
  summed?: string,
): Index | 'automatic' {
  const equal = where.filter(({ is }) => is === '==').map(({ field }) => field)
  const ranged = where.filter(({ is }) => is !== '==').map(({ field }) => field)
  const first = ranged[0]
  const order = orderBy
    ? ([orderBy.field, orderBy.direction] as const)
    : first
      ? ([first, 'asc'] as const)
      : undefined
  const index = indexFor({ collection: collection.name, equal, ranged, orderBy: order, summed })
  if (index) return index
  const others = [...ranged, ...(summed === undefined ? [] : [summed])].filter(
    (field) => field !== order?.[0],
  )
  const fields = [...equal, ...(order ? [order.join(' ')] : []), ...others].join(', ')
  throw new Error(`The query of ${collection.name} by ${fields} requires an index: add it to lib/indexes.ts.`)
}

/** SQL, and the values for its question marks. */
interface SqlQuery {
  text: string
  values: (string | number)[]
}

/** The SQL of a query. */
export function compile<T>(query: AnyQuery<T>): SqlQuery {
  requireIndex(query)
  const { where = [], orderBy, after, limit } = query
  const { conditions, values } = conditionsOf(query)
  let order = ''
  if (orderBy) {
    const { field, direction } = orderBy
    order = ` ORDER BY ${column(field)} ${direction}, id ${direction}`
    if (after) {
      const beyond = direction === 'asc' ? '>' : '<'
      const value = encodeValue(after.value)
      // The first condition says no more than the second, but lets SQLite begin at that place of the index.
      conditions.push(`${column(field)} ${beyond}= ?`, `(${column(field)}, id) ${beyond} (?, ?)`)
      values.push(value, value, after.id)
    } else if (!where.some((condition) => condition.field === field)) {
      // Everything but NULL is more than minus infinity; unlike IS NOT NULL, this lets SQLite begin behind the NULLs.
      conditions.push(`${column(field)} > -9e999`)
    }
  }
  if (limit !== undefined) values.push(limit)
  const text = `SELECT id, data FROM records WHERE ${conditions.join(' AND ')}${order}${limit === undefined ? '' : ' LIMIT ?'}`
  return { text, values }
}

/** The SQL that counts what matches, or adds up a field of it. An index of `lib/indexes.ts` holds all of it: no document is read. */
export function compileTotal<T>(matching: Matching<T>, summed?: string): SqlQuery {
  const index = requireIndex(matching, summed)
  const { conditions, values } = conditionsOf(matching)
  // TOTAL rather than SUM, which fails where the sum is larger than an integer may be; below 2^53 it is just as exact.
  const total = summed === undefined ? 'COUNT(*)' : `TOTAL(${column(summed)})`
  const from = index === 'automatic' ? 'records' : `records INDEXED BY ${indexName(index)}`
  return { text: `SELECT ${total} AS total FROM ${from} WHERE ${conditions.join(' AND ')}`, values }
}

function conditionsOf<T>({ collection, where = [] }: AnyQuery<T>): {
  conditions: string[]
  values: (string | number)[]
} {
  const conditions = where.map(({ field, is }) => `${column(field)} ${is === '==' ? '=' : is} ?`)
  return {
    conditions: [inCollection(collection.name), ...conditions],
    values: where.map(({ value }) => encodeValue(value)),
  }
}

/** Whether a record is one that these conditions ask for. */
export function matches<T>(data: T, where: NonNullable<Query<T>['where']>): boolean {
  return where.every(({ field, is, value }) => {
    const found = data[field]
    if (found === undefined || found === null) return false
    // Queries compare scalars; anything else would have been refused where the query was typed.
    const [left, right] = [encodeValue(found as string | number | boolean | Date), encodeValue(value)]
    if (typeof left !== typeof right) return false
    switch (is) {
      case '==':
        return left === right
      case '<':
        return left < right
      case '<=':
        return left <= right
      case '>':
        return left > right
      case '>=':
        return left >= right
    }
  })
}
