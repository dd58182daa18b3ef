import { randomUUID } from 'node:crypto'
import { request as requestByHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestByHttps } from 'node:https'
import { json, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { FileMetadata, Storage } from '@google-cloud/storage'

/** An answer of Cloud Storage that is an error, shaped as those of Google's client: `code` is its HTTP status. */
class UploadError extends Error {
  override readonly name = 'UploadError'
  readonly code: number
  readonly response: { body: unknown }
  constructor(code: number, body: string) {
    super(`${code} ${body}`)
    this.code = code
    this.response = { body: parsed(body) }
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
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
  const answered = responseTo(sending)
  const sent = pipeline(multipart(boundary, resource, body), sending)
  // A refusal may come before everything is sent; waiting for the rest would show only that the connection is closed then.
  const response = await Promise.race([answered, sent.then(() => answered)])
  if (response.statusCode !== 200) {
    const error = new UploadError(response.statusCode ?? 0, await text(response))
    sending.destroy()
    throw error
  }
  await sent
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
