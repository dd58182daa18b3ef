import { buffer } from 'node:stream/consumers'
import type {
  ObjectInfo,
  ObjectName,
  ObjectStore,
  ReadOptions,
  StoreErrorCode,
} from '../../../platform/ports.ts'

/** A store to test, and an empty bucket in it. */
export interface ObjectStoreUnderTest {
  store: ObjectStore
  bucket: string
  close: () => Promise<void>
}

/** What an emulator may be known to get wrong. Each is left out by its name, with the reason. */
export type ObjectStoreQuirk =
  | 'odd names'
  | 'order of names'
  | 'old generations'
  | 'storage classes'
  | 'compose preconditions'
  | 'compose of missing parts'
  | 'chunked sessions'
  | 'create-only sessions'
  | 'cancelled sessions'
  | 'cross-origin sessions'
  | 'signed URLs'

/** What every part of the suite has at hand: store and bucket, once the tests run, and the shortest ways to use them. */
export type ObjectStoreSuite = ReturnType<typeof suiteOf>

export function suiteOf(
  made: () => ObjectStoreUnderTest,
  leftOut: Partial<Record<ObjectStoreQuirk, string>>,
) {
  let count = 0
  const store = (): ObjectStore => made().store
  const bucket = (): string => made().bucket
  return {
    store,
    bucket,
    unless: (quirk: ObjectStoreQuirk): { skip: string | false } => ({ skip: leftOut[quirk] ?? false }),
    /** An object that no other test has. */
    fresh: (suffix = ''): ObjectName => ({ bucket: bucket(), name: `object-${++count}${suffix}` }),
    read: async (object: ObjectName, options: ReadOptions = {}): Promise<Buffer> =>
      buffer(await store().read(object, options)),
    write: (object: ObjectName, text: string | Buffer): Promise<ObjectInfo> =>
      store().write(object, chunks(text), { contentType: 'text/plain' }),
    list: async (prefix: string): Promise<string[]> => {
      const found: string[] = []
      for await (const info of store().list(bucket(), prefix)) found.push(info.name)
      return found
    },
    openSession: (object: ObjectName, size: number, origin?: string): Promise<string> =>
      store().createUploadSession(object, {
        contentType: 'video/mp4',
        metadata: { owner: 'someone' },
        size,
        ...(origin !== undefined && { origin }),
      }),
  }
}

export const kib = 1024
/** A chunk that is not the last is a multiple of this. */
export const quantum = 256 * kib

/** Bytes in which every position can be told from its neighbours and from the same one under another seed. */
export function sampleBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed >>> 0
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

export async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}

export const storeError = (code: StoreErrorCode): { name: 'StoreError'; code: StoreErrorCode } => ({
  name: 'StoreError',
  code,
})
