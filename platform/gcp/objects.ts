import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import type { File, FileMetadata, Storage } from '@google-cloud/storage'
import { create as contentDisposition } from 'content-disposition'
import { checkObjectName } from '../../lib/object-name.ts'
import type { StorageClass } from '../../lib/storage-class.ts'
import { StoreError, type ObjectInfo, type ObjectName, type ObjectStore } from '../ports.ts'
import { uploadMultipart } from './multipart-upload.ts'

/** "The list of source objects that will be concatenated": at most 32. */
const mostParts = 32

/** The objects of Cloud Storage. */
export function openObjects(storage: Storage): ObjectStore {
  function fileOf(object: ObjectName, generation?: string): File {
    checkObjectName(object)
    return storage.bucket(object.bucket).file(object.name, generation === undefined ? {} : { generation })
  }

  return {
    async stat(object) {
      try {
        const [resource] = await fileOf(object).getMetadata()
        return objectInfo(object.bucket, resource)
      } catch (error) {
        if (httpCode(error) === 404) return undefined
        throw error
      }
    },

    async read(object, { generation, start, end } = {}) {
      const stream = fileOf(object, generation).createReadStream({
        // As stored: ranges count those bytes.
        decompress: false,
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
      })
      try {
        await responseOf(stream)
        return stream
      } catch (error) {
        throw asStoreError(error, object)
      }
    },

    async write(object, body, { contentType, metadata, ifGenerationMatch }) {
      checkObjectName(object)
      const query = { name: object.name, ...(ifGenerationMatch !== undefined && { ifGenerationMatch }) }
      const described = { contentType, ...(metadata && { metadata }) }
      try {
        return objectInfo(
          object.bucket,
          await uploadMultipart(storage, object.bucket, query, described, body),
        )
      } catch (error) {
        throw asStoreError(error, object)
      }
    },

    async compose(object, parts, { contentType, metadata, ifGenerationMatch }) {
      if (parts.length < 1 || parts.length > mostParts)
        throw new RangeError(
          `${parts.length} parts cannot be composed into ${object.name}: 1 to ${mostParts} can.`,
        )
      for (const name of parts) checkObjectName({ bucket: object.bucket, name })
      try {
        // The client's own method sends no metadata, and a second request for it might never be made.
        const [resource] = await fileOf(object).request({
          method: 'POST',
          uri: '/compose',
          json: {
            destination: { contentType, ...(metadata && { metadata }) },
            sourceObjects: parts.map((name) => ({ name })),
          },
          qs: { ...(ifGenerationMatch !== undefined && { ifGenerationMatch }) },
        })
        return objectInfo(object.bucket, resource as FileMetadata)
      } catch (error) {
        throw asStoreError(error, object)
      }
    },

    async rewrite(object, { storageClass, ifGenerationMatch }) {
      const file = fileOf(object)
      try {
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
      } catch (error) {
        throw asStoreError(error, object)
      }
    },

    async delete(object) {
      await fileOf(object).delete({ ignoreNotFound: true })
    },

    async *list(bucket, prefix) {
      for await (const file of storage.bucket(bucket).getFilesStream({ prefix }) as AsyncIterable<File>) {
        yield objectInfo(bucket, file.metadata)
      }
    },

    async createUploadSession(object, { contentType, metadata, size, origin }) {
      const [, response] = await fileOf(object).request({
        method: 'POST',
        uri: `${storage.apiEndpoint}/upload/storage/v1/b/${object.bucket}/o`,
        qs: { uploadType: 'resumable', name: object.name, ifGenerationMatch: 0 },
        json: { contentType, ...(metadata && { metadata }) },
        headers: { 'X-Upload-Content-Length': size, ...(origin !== undefined && { Origin: origin }) },
      })
      const location: unknown = response.headers['location']
      if (typeof location !== 'string') throw new Error(`No upload session was opened for ${object.name}.`)
      return location
    },

    async signedUrl(object, { expiresInSeconds, filename }) {
      // A URL's end is a whole second.
      const expiresAt = new Date(Math.floor(Date.now() / 1000 + expiresInSeconds) * 1000)
      const [url] = await fileOf(object).getSignedUrl({
        version: 'v4',
        action: 'read',
        expires: expiresAt,
        responseDisposition: contentDisposition(filename),
      })
      return { url, expiresAt }
    },
  }
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

function asStoreError(cause: unknown, object: ObjectName): unknown {
  const { bucket, name } = object
  const code = httpCode(cause)
  if (code === 404)
    return new StoreError('NOT_FOUND', `There is no ${bucket}/${name}, or nothing to make it of.`, { cause })
  if (code === 412) return otherGeneration(object, { cause })
  return cause
}
