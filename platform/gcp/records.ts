import {
  AggregateField,
  FieldPath,
  FieldValue,
  type Firestore,
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type DocumentSnapshot,
  type Query as FirestoreQuery,
  type QuerySnapshot,
} from '@google-cloud/firestore'
import type { Collection } from '../../lib/collection.ts'
import { ServerTime, type Writable } from '../../lib/server-time.ts'
import {
  StoreError,
  type Change,
  type Matching,
  type Query,
  type QueryResult,
  type Read,
  type RecordStore,
  type Transaction,
  type Watched,
} from '../ports.ts'
import { explain, explaining, type Subject } from './explain.ts'

/** The records of a Firestore database. */
export function openRecords(firestore: Firestore): RecordStore {
  const database: Subject = { kind: 'database', name: firestore.databaseId }

  const documentOf = <T>(collection: Collection<T>, id: string): DocumentReference =>
    firestore.collection(collection.name).doc(id)

  async function query<T>({
    collection,
    where = [],
    orderBy: { field, direction },
    after,
    limit,
  }: Query<T>): Promise<QueryResult<T>> {
    // Firestore orders by every field with a range, before the id; the client would put them behind it.
    const others = rangedFields(where).filter((ranged) => ranged !== field)
    let asked = narrow(firestore.collection(collection.name), where).orderBy(field, direction)
    for (const other of others) asked = asked.orderBy(other, direction)
    asked = asked.orderBy(FieldPath.documentId(), direction)
    if (after) {
      const last = await documentOf(collection, after.id).get()
      const edge = edgeOf(after.value, direction)
      // Times here are finer than a Date's: only the record itself, as long as it is still there, says where exactly.
      if (standsAt(last.get(field), after.value)) asked = asked.startAfter(last)
      else asked = others.length > 0 ? asked.startAt(edge) : asked.startAfter(edge, after.id)
    }
    const snapshot = await asked.limit(limit).get()
    const records = snapshot.docs.map((document) => ({ id: document.id, data: decode(document.data()) as T }))
    return { records, readAt: dateOf(snapshot.readTime) }
  }

  const aggregate = <T>(
    { collection, where }: Matching<T>,
    total: ReturnType<typeof AggregateField.count>,
  ): Promise<number> =>
    explaining(database, async () => {
      const snapshot = await narrow(firestore.collection(collection.name), where).aggregate({ total }).get()
      return snapshot.data().total
    })

  /** Tells why a watch has ended. The client may have tried for minutes, and lost it: asking once for the same brings it back. */
  async function tellWhy(
    ended: Error,
    ask: () => Promise<unknown>,
    tell: (error: unknown) => void,
  ): Promise<void> {
    const reason = await ask().then(
      () => ended,
      (refusal: unknown) => refusal,
    )
    tell(explain(reason, database))
  }

  return {
    get: (collection, id) => explaining(database, async () => readOf(await documentOf(collection, id).get())),
    query: (asked) => explaining(database, () => query(asked)),
    count: (matching) => aggregate(matching, AggregateField.count()),
    sum: (matching, field) => aggregate(matching, AggregateField.sum(field)),

    watch<T>(what: Watched<T>, onChanges: (changes: Change<T>[]) => void, onError: (error: unknown) => void) {
      if ('id' in what) {
        const document = documentOf(what.collection, what.id)
        let existed = false
        const onNext = (snapshot: DocumentSnapshot): void => {
          const { data } = readOf<T>(snapshot)
          if (data !== undefined || existed) onChanges([{ id: what.id, data }])
          existed = data !== undefined
        }
        return document.onSnapshot(onNext, (error) => void tellWhy(error, () => document.get(), onError))
      }
      const matching = narrow(firestore.collection(what.collection.name), what.where)
      const asked = rangedFields(what.where).reduce((all, field) => all.orderBy(field), matching)
      const onNext = (snapshot: QuerySnapshot): void => {
        const changes = snapshot.docChanges().map(({ type, doc }) => ({
          id: doc.id,
          data: type === 'removed' ? undefined : (decode(doc.data()) as T),
        }))
        if (changes.length > 0) onChanges(changes)
      }
      return asked.onSnapshot(onNext, (error) => void tellWhy(error, () => asked.limit(1).get(), onError))
    },

    async transact<R>(work: (tx: Transaction) => Promise<R>): Promise<R> {
      try {
        return await firestore.runTransaction(
          (transaction) =>
            work({
              get: async (collection, id) => readOf(await transaction.get(documentOf(collection, id))),
              create: (collection, id, data) =>
                void transaction.create(documentOf(collection, id), encodeRecord(data)),
              set: (collection, id, data) =>
                void transaction.set(documentOf(collection, id), encodeRecord(data)),
              delete: (collection, id) => void transaction.delete(documentOf(collection, id)),
            }),
          { maxAttempts: 20 },
        )
      } catch (error) {
        if (grpcCode(error) !== alreadyExists) throw explain(error, database)
        throw new StoreError('ALREADY_EXISTS', 'There is such a record already.', { cause: error })
      }
    },
  }
}

/** gRPC's status code (google.rpc.Code). */
const alreadyExists = 6
const grpcCode = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

type Conditions = NonNullable<Query<Record<string, unknown>>['where']>

function narrow(asked: FirestoreQuery, where: Conditions): FirestoreQuery {
  return where.reduce((query, { field, is, value }) => query.where(field, is, value), asked)
}

/** The fields for which `where` gives a range, each once, in the order in which Firestore sorts by them. */
const rangedFields = (where: Conditions): string[] =>
  [...new Set<string>(where.flatMap(({ field, is }) => (is === '==' ? [] : field)))].toSorted()

/** Whether a record's field still has the value at which a page ended. */
function standsAt(found: unknown, value: string | number | Date): boolean {
  if (!(value instanceof Date)) return found === value
  return found instanceof Timestamp && dateOf(found).getTime() === value.getTime()
}

/** The far end of what a Date stands for: going on from there may repeat a record of that millisecond, but skips none. */
function edgeOf(value: string | number | Date, direction: 'asc' | 'desc'): unknown {
  if (!(value instanceof Date) || direction === 'asc') return value
  const { seconds, nanoseconds } = Timestamp.fromDate(value)
  return new Timestamp(seconds, nanoseconds + 999_999)
}

function readOf<T>(snapshot: DocumentSnapshot): Read<T> {
  const data = snapshot.data()
  return {
    // What a collection holds was written through its own type.
    data: data === undefined ? undefined : (decode(data) as T),
    readAt: dateOf(snapshot.readTime),
  }
}

/** The millisecond in which a time lies. (The client's own conversion rounds: into the future, and across a page's end.) */
const dateOf = ({ seconds, nanoseconds }: Timestamp): Date =>
  new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6))

/** Firestore's Timestamps as Dates. */
function decode(value: unknown): unknown {
  if (value instanceof Timestamp) return dateOf(value)
  if (Array.isArray(value)) return value.map(decode)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]))
}

const encodeRecord = <T>(data: Writable<T>): DocumentData => encode(data) as DocumentData

/** Server times as Firestore's own; fields that are undefined are left out. */
function encode(value: unknown, inArray = false): unknown {
  if (value instanceof ServerTime) {
    if (inArray) throw new TypeError('A server time cannot stand in an array.')
    return FieldValue.serverTimestamp()
  }
  if (value instanceof Date) return value
  if (Array.isArray(value)) return value.map((item) => encode(item, true))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(fields.map(([key, item]) => [key, encode(item, inArray)]))
}
