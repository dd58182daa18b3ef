import { randomUUID } from 'node:crypto'
import { request as requestByHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestByHttps } from 'node:https'
import { json, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { FileMetadata, Storage } from '@google-cloud/storage'

/** An answer of Cloud Storage that is an error; `code` is its HTTP status, as in the errors of Google's client. */
class UploadError extends Error {
  override readonly name = 'UploadError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Uploads an object in one request as it comes, whatever its length, and returns the object's resource. Google's client
 * can do it too, but lets the request hang for ever if the body fails.
 */
export async function uploadMultipart(
  storage: Storage,
  bucket: string,
  query: Record<string, string>,
  resource: FileMetadata,
  body: AsyncIterable<Uint8Array>,
): Promise<FileMetadata> {
  const search = new URLSearchParams({ uploadType: 'multipart', ...query }).toString()
  const url = new URL(`${storage.apiEndpoint}/upload/storage/v1/b/${bucket}/o?${search}`)
  const boundary = randomUUID()
  const sending = (url.protocol === 'https:' ? requestByHttps : requestByHttp)(url, {
    method: 'POST',
    headers: {
      'Content-Type': `multipart/related; boundary=${boundary}`,
      // An emulator asks for none.
      ...(!storage.customEndpoint &&
        Object.fromEntries(await storage.authClient.getRequestHeaders(url.href))),
    },
  })
  const [response] = await Promise.all([
    responseTo(sending),
    pipeline(multipart(boundary, resource, body), sending),
  ])
  const status = response.statusCode ?? 0
  if (status !== 200) throw new UploadError(status, `${status} ${await text(response)}`)
  return (await json(response)) as FileMetadata
}

const responseTo = (sending: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sending.on('response', resolve).on('error', reject))

/** "The first part must be metadata, the second part must be media" (multipart/related, RFC 2387). */
async function* multipart(
  boundary: string,
  resource: FileMetadata,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const metadata = `Content-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(resource)}`
  const media = `Content-Type: ${resource.contentType}\r\n\r\n`
  yield Buffer.from(`--${boundary}\r\n${metadata}\r\n--${boundary}\r\n${media}`)
  yield* body
  yield Buffer.from(`\r\n--${boundary}--`)
}
