import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type { File, FileMetadata, Storage } from '@google-cloud/storage'
import { create as contentDisposition } from 'content-disposition'
import { checkObjectName } from '../../lib/object-name.ts'
import type { StorageClass } from '../../lib/storage-class.ts'
import { StoreError, type ObjectInfo, type ObjectName, type ObjectStore } from '../ports.ts'
import { explain, explaining } from './explain.ts'
import { uploadMultipart } from './multipart-upload.ts'
import { sendCancellation } from './send-cancellation.ts'

/** "The list of source objects that will be concatenated": at most 32. */
const mostParts = 32

/** The objects of Cloud Storage. */
export function openObjects(storage: Storage): ObjectStore {
  const seenBuckets = new Set<string>()

  /** Does something with an object that need not be there: what Cloud Storage cannot find is its bucket. */
  async function withFile<R>(object: ObjectName, request: (file: File) => Promise<R>): Promise<R> {
    checkObjectName(object)
    const { bucket, name } = object
    return explaining({ kind: 'bucket', name: bucket }, async () => {
      try {
        return await request(storage.bucket(bucket).file(name))
      } catch (error) {
        throw httpCode(error) === 412 ? otherGeneration(object, { cause: error }) : error
      }
    })
  }

  /** Does something that needs the object, or others of its bucket. Throws NOT_FOUND. */
  async function withFound<R>(object: ObjectName, request: (file: File) => Promise<R>): Promise<R> {
    return withFile(object, async (file) => {
      try {
        return await request(file)
      } catch (error) {
        if (httpCode(error) !== 404) throw error
        await checkBucket(object.bucket)
        throw notFound(object, { cause: error })
      }
    })
  }

  /**
   * Throws Cloud Storage's 404 if there is no such bucket. It gives the same for a missing object, and the words vary; asked
   * for a list it can mean nothing else. A bucket is asked for once: if it goes later, so do its objects.
   */
  async function checkBucket(bucket: string): Promise<void> {
    if (seenBuckets.has(bucket)) return
    await storage.bucket(bucket).getFiles({ maxResults: 1, autoPaginate: false })
    seenBuckets.add(bucket)
  }

  return {
    async stat(object) {
      try {
        const [resource] = await withFound(object, (file) => file.getMetadata())
        return objectInfo(object.bucket, resource)
      } catch (error) {
        if (error instanceof StoreError && error.code === 'NOT_FOUND') return undefined
        throw error
      }
    },

    read: (object, { generation, start, end } = {}) =>
      withFound(object, async ({ bucket, name }) => {
        const stream = bucket.file(name, generation === undefined ? {} : { generation }).createReadStream({
          // As stored: ranges count those bytes.
          decompress: false,
          ...(start !== undefined && { start }),
          ...(end !== undefined && { end }),
        })
        await responseOf(stream)
        return stream
      }),

    write: (object, body, { contentType, metadata, ifGenerationMatch }) =>
      withFile(object, async () => {
        const query = { name: object.name, ...(ifGenerationMatch !== undefined && { ifGenerationMatch }) }
        const described = { contentType, ...(metadata && { metadata }) }
        const resource = await uploadMultipart(storage, object.bucket, query, described, body)
        return objectInfo(object.bucket, resource)
      }),

    async compose(object, parts, { contentType, metadata, ifGenerationMatch }) {
      if (parts.length < 1 || parts.length > mostParts)
        throw new RangeError(
          `${parts.length} parts cannot be composed into ${object.name}: 1 to ${mostParts} can.`,
        )
      for (const name of parts) checkObjectName({ bucket: object.bucket, name })
      return withFound(object, async (file) => {
        // The client's own method sends no metadata, and a second request for it might never be made.
        const [resource] = await file.request({
          method: 'POST',
          uri: '/compose',
          json: {
            destination: { contentType, ...(metadata && { metadata }) },
            sourceObjects: parts.map((name) => ({ name })),
          },
          qs: { ...(ifGenerationMatch !== undefined && { ifGenerationMatch }) },
        })
        return objectInfo(object.bucket, resource as FileMetadata)
      })
    },

    rewrite: (object, { storageClass, ifGenerationMatch }) =>
      withFound(object, async (file) => {
        const [current] = await file.getMetadata()
        const generation = String(current.generation)
        if (ifGenerationMatch !== undefined && ifGenerationMatch !== generation) throw otherGeneration(object)
        for (let rewriteToken: string | undefined; ;) {
          const [body] = await file.request({
            method: 'POST',
            uri: `/rewriteTo/b/${object.bucket}/o/${encodeURIComponent(object.name)}`,
            json: { ...description(current), storageClass },
            qs: {
              sourceGeneration: generation,
              ifGenerationMatch: generation,
              ...(rewriteToken !== undefined && { rewriteToken }),
            },
          })
          const answer = body as Rewrite
          if (answer.done) return objectInfo(object.bucket, answer.resource)
          // "Include this token in the request, to continue the rewrite": large objects take several.
          ;({ rewriteToken } = answer)
        }
      }),

    async delete(object) {
      // Of a missing bucket nothing is said either: what has to be gone is.
      await withFile(object, (file) => file.delete({ ignoreNotFound: true }))
    },

    async *list(bucket, prefix) {
      try {
        for await (const file of storage.bucket(bucket).getFilesStream({ prefix }) as AsyncIterable<File>)
          yield objectInfo(bucket, file.metadata)
      } catch (error) {
        throw explain(error, { kind: 'bucket', name: bucket })
      }
    },

    createUploadSession: (object, { contentType, metadata, size, origin }) =>
      withFile(object, async (file) => {
        const [, response] = await file.request({
          method: 'POST',
          uri: `${storage.apiEndpoint}/upload/storage/v1/b/${object.bucket}/o`,
          qs: { uploadType: 'resumable', name: object.name, ifGenerationMatch: 0 },
          json: { contentType, ...(metadata && { metadata }) },
          headers: { 'X-Upload-Content-Length': size, ...(origin !== undefined && { Origin: origin }) },
        })
        const location: unknown = response.headers['location']
        if (typeof location !== 'string') throw new Error(`No upload session was opened for ${object.name}.`)
        return location
      }),

    async cancelUploadSession(url) {
      // "If the cancellation succeeds, the status is 499"; of one that is over, another 4xx.
      const status = await sendCancellation(url)
      if ([408, 411, 429].includes(status) || status >= 500)
        throw new Error(`An upload session could not be cancelled: Cloud Storage answered ${status}.`)
    },

    async signedUrl(object, { expiresInSeconds, filename }) {
      checkUrlPath(object)
      // A URL's end is a whole second.
      const expiresAt = new Date(Math.floor(Date.now() / 1000 + expiresInSeconds) * 1000)
      const [url] = await withFile(object, (file) =>
        file.getSignedUrl({
          version: 'v4',
          action: 'read',
          expires: expiresAt,
          responseDisposition: contentDisposition(filename),
        }),
      )
      return { url, expiresAt }
    },
  }
}

/** Every parser of URLs resolves . and .. between slashes, however they are encoded: such a URL would lead to another object. */
function checkUrlPath({ bucket, name }: ObjectName): void {
  if (name.split('/').some((segment) => segment === '.' || segment === '..'))
    throw new RangeError(
      `${JSON.stringify(name)} in ${bucket} cannot have a URL, because of the . or .. between its slashes: copy the object to another name.`,
    )
}

/** Sends a read's request, and waits for its answer. An error that comes first is thrown; one that comes later is the stream's. */
async function responseOf(stream: Readable): Promise<void> {
  const answered = new Promise<void>((resolve, reject) => {
    // A refusal is such an event too; the error that it is made into follows.
    stream.on('response', (response: EventEmitter & { statusCode: number }) => {
      // The client itself puts eleven listeners on it, one more than Node takes without a warning.
      response.setMaxListeners(20)
      if (response.statusCode < 400) resolve()
    })
    stream.once('error', reject)
  })
  stream.read(0)
  await answered
}

/** The answer to a request to rewrite an object. */
type Rewrite = { done: true; resource: FileMetadata } | { done: false; rewriteToken: string }

/** What is said about an object, and would be lost in a rewrite that says something but not this. */
const description = (resource: FileMetadata): FileMetadata => {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, metadata } =
    resource
  const all = { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, metadata }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function objectInfo(bucket: string, resource: FileMetadata): ObjectInfo {
  const { name, generation, size, contentType, storageClass, crc32c, metadata, timeCreated } = resource
  return {
    bucket,
    name: String(name),
    generation: String(generation),
    size: Number(size),
    contentType: contentType ?? 'application/octet-stream',
    // We write no other classes than these, and the bucket's own is one of them.
    storageClass: (storageClass ?? 'STANDARD') as StorageClass,
    crc32c: crc32c ?? '',
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, String(value)])),
    timeCreated: new Date(timeCreated ?? Number.NaN),
  }
}

const httpCode = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error ? Number(error.code) : undefined

const otherGeneration = ({ bucket, name }: ObjectName, options?: ErrorOptions): StoreError =>
  new StoreError('PRECONDITION_FAILED', `${bucket}/${name} is not at the generation expected.`, options)

const notFound = ({ bucket, name }: ObjectName, options: ErrorOptions): StoreError =>
  new StoreError('NOT_FOUND', `There is no ${bucket}/${name}, or nothing to make it of.`, options)
