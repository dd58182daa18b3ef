import type { Readable } from 'node:stream'
import type { Collection } from '../lib/collection.ts'
import type { Writable } from '../lib/server-time.ts'
import type { StorageClass } from '../lib/storage-class.ts'

// ── Objects ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface ObjectName {
  bucket: string
  name: string
}

/** What the store knows about one generation of an object. */
export interface ObjectInfo extends ObjectName {
  /** A decimal number as text: it outgrows 2^53. A new one with every write, compose and rewrite. */
  generation: string
  /** Bytes. */
  size: number
  contentType: string
  storageClass: StorageClass
  /** CRC32C of the bytes, big-endian, base64. */
  crc32c: string
  metadata: Record<string, string>
  timeCreated: Date
}

/** Which generation a write may replace: `'0'` none at all (create only), else exactly that one. */
export interface WritePrecondition {
  ifGenerationMatch?: string
}

export interface WriteOptions extends WritePrecondition {
  contentType: string
  metadata?: Record<string, string>
}

export interface RewriteOptions extends WritePrecondition {
  storageClass: StorageClass
}

export interface ReadOptions {
  /** Read this generation or fail with NOT_FOUND; without it, the newest. */
  generation?: string
  /** First byte, from 0. */
  start?: number
  /** Last byte, inclusive. */
  end?: number
}

export interface UploadSessionOptions {
  contentType: string
  metadata?: Record<string, string>
  /** Bytes; the session accepts exactly this many. */
  size: number
  /** The page's exact origin, where a browser will send the bytes: the session answers CORS for it alone. */
  origin?: string
}

export interface SignedUrlOptions {
  expiresInSeconds: number
  /** The name under which a browser saves the object. */
  filename: string
}

export interface SignedUrl {
  url: string
  expiresAt: Date
}

/** BUSY: the store was asked for too much at once, or could not be reached, and may do the same a moment later. */
export type StoreErrorCode =
  | 'NOT_FOUND'
  | 'PRECONDITION_FAILED'
  | 'INSUFFICIENT_STORAGE'
  | 'ALREADY_EXISTS'
  | 'BUSY'

/** What a store refuses, or, as BUSY, cannot do now. Everything else that it throws is a fault: retry, or let the event be delivered again. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Buckets of objects. Every new generation in a bucket raises its finalize event, at least once. */
export interface ObjectStore {
  /** The object as it is now; undefined if there is none. */
  stat(object: ObjectName): Promise<ObjectInfo | undefined>
  /** The bytes as a stream. Throws NOT_FOUND before the first byte; a fault midway destroys the stream. */
  read(object: ObjectName, options?: ReadOptions): Promise<Readable>
  /** Writes the whole of `body`. All or nothing: if `body` throws, no generation appears. Throws PRECONDITION_FAILED. */
  write(object: ObjectName, body: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<ObjectInfo>
  /** Joins 1 to 32 objects of one bucket, in order, into `object` of the same bucket. Throws NOT_FOUND, PRECONDITION_FAILED. */
  compose(object: ObjectName, parts: string[], options: WriteOptions): Promise<ObjectInfo>
  /**
   * Moves the object to a storage class, as a new generation with the same bytes, content type and metadata. Throws NOT_FOUND,
   * and PRECONDITION_FAILED also where the object changes meanwhile.
   */
  rewrite(object: ObjectName, options: RewriteOptions): Promise<ObjectInfo>
  /** Removes the object, whichever generation it has; nothing there is no error. */
  delete(object: ObjectName): Promise<void>
  /** The objects of a bucket whose names start with `prefix`, by name. */
  list(bucket: string, prefix: string): AsyncIterable<ObjectInfo>
  /**
   * Opens a resumable upload (Cloud Storage's protocol) that can only create `object`, never replace it.
   * The URL is the capability: whoever has it may upload, for a week.
   */
  createUploadSession(object: ObjectName, options: UploadSessionOptions): Promise<string>
  /** Ends such an upload, with what has come of it; one that is over already, or forgotten, is no error. */
  cancelUploadSession(url: string): Promise<void>
  /** A URL that serves the object to whoever has it, as an attachment, with ranges, until it expires. */
  signedUrl(object: ObjectName, options: SignedUrlOptions): Promise<SignedUrl>
}

// ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────

/** `readAt` is the store's clock, the only one against which times in records are judged. */
export interface Read<T> {
  data: T | undefined
  readAt: Date
}

export interface StoredRecord<T> {
  id: string
  data: T
}

export type Comparison = '==' | '<' | '<=' | '>' | '>='

export interface Query<T> {
  collection: Collection<T>
  /** All must hold. Field names are top-level. A record without the field matches nothing. */
  where?: { field: keyof T & string; is: Comparison; value: string | number | boolean | Date }[]
  /** Ties are ordered by id, in the same direction. A record without the field is left out. */
  orderBy: { field: keyof T & string; direction: 'asc' | 'desc' }
  /** Only what comes after this position in that order. */
  after?: { value: string | number | Date; id: string }
  limit: number
}

export interface QueryResult<T> {
  records: StoredRecord<T>[]
  readAt: Date
}

/** Every record for which these conditions hold. */
export type Matching<T> = { collection: Collection<T>; where: NonNullable<Query<T>['where']> }

/** One record, or every record for which these conditions hold. */
export type Watched<T> = { collection: Collection<T>; id: string } | Matching<T>

/** A watched record as it is now; without `data` it no longer exists, or the conditions no longer hold for it. */
export type Change<T> = { id: string; data: T | undefined }

/** Reads see one moment; writes happen all or not at all. Every read must come before the first write. */
export interface Transaction {
  get<T>(collection: Collection<T>, id: string): Promise<Read<T>>
  /** Throws ALREADY_EXISTS at commit if the record exists. */
  create<T>(collection: Collection<T>, id: string, data: Writable<T>): void
  /** Writes the whole record, whether it exists or not. */
  set<T>(collection: Collection<T>, id: string, data: Writable<T>): void
  delete<T>(collection: Collection<T>, id: string): void
}

/** Collections of JSON documents (Dates allowed, undefined fields are left out). */
export interface RecordStore {
  get<T>(collection: Collection<T>, id: string): Promise<Read<T>>
  query<T>(query: Query<T>): Promise<QueryResult<T>>
  /** How many records match, read off an index. */
  count<T>(matching: Matching<T>): Promise<number>
  /** The sum of a field over the records that match and have a number there, read off an index; 0 where none does. */
  sum<T>(matching: Matching<T>, field: keyof T & string): Promise<number>
  /**
   * Calls `onChanges` with what matches now (in the order of the field that `where` gives a range for), then with every
   * change, until the returned function is called.
   * An error ends the watch and goes to `onError`.
   */
  watch<T>(
    what: Watched<T>,
    onChanges: (changes: Change<T>[]) => void,
    onError: (error: unknown) => void,
  ): () => void
  /** Runs `work` on one consistent view. `work` may run several times: it must have no effect but through `tx`. */
  transact<R>(work: (tx: Transaction) => Promise<R>): Promise<R>
}

// ── Messages ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Topics whose subscribers get every message at least once, in no order. */
export interface MessageBus {
  /** Resolves once the message cannot be lost any more. */
  publish(topic: string, data: Record<string, unknown>): Promise<void>
}

// ── Platform ─────────────────────────────────────────────────────────────────────────────────────────────────

/** The deployment is wrong, not the request: the message says what about it, and what to do. It may be right the next time. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError'
  constructor(message: string, cause: Error) {
    super(message, { cause })
    // What is logged is the stack, which says nothing of the cause.
    this.stack = `${this.stack}\nCaused by: ${cause.stack}`
  }
}

/** Each port is opened at its first use and then kept. */
export interface Platform {
  objects(): Promise<ObjectStore>
  records(): Promise<RecordStore>
  bus(): Promise<MessageBus>
}
