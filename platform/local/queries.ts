import { indexFor } from '../../lib/indexes.ts'
import type { Query } from '../ports.ts'
import { encodeValue } from './documents.ts'

/** The SQL that reads this field of a document. */
export const column = (field: string): string => {
  if (!/^\w+$/.test(field)) throw new Error(`${field} is not a field name.`)
  return `json_extract(data, '$.${field}')`
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

/** Throws where Firestore would: a query over several fields needs an index. */
export function requireIndex<T>({ collection, where = [], orderBy }: AnyQuery<T>): void {
  const equal = where.filter(({ is }) => is === '==').map(({ field }) => field)
  const ranged = where.filter(({ is }) => is !== '==').map(({ field }) => field)
  const first = ranged[0]
  const order = orderBy
    ? ([orderBy.field, orderBy.direction] as const)
    : first
      ? ([first, 'asc'] as const)
      : undefined
  if (!indexFor({ collection: collection.name, equal, ranged, orderBy: order })) {
    const fields = [...equal, ...(order ? [order.join(' ')] : []), ...ranged].join(', ')
    throw new Error(
      `The query of ${collection.name} by ${fields} requires an index: add it to lib/indexes.ts.`,
    )
  }
}

/** The SQL of a query and its values. */
export function compile<T>(query: AnyQuery<T>): { text: string; values: (string | number)[] } {
  requireIndex(query)
  const { collection, where = [], orderBy, after, limit } = query
  const conditions = ['collection = ?']
  const values: (string | number)[] = [collection.name]
  for (const { field, is, value } of where) {
    conditions.push(`${column(field)} ${is === '==' ? '=' : is} ?`)
    values.push(encodeValue(value))
  }
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
