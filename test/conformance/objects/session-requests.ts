import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'

/** Sends bytes to a session, or asks it something: `contentRange` says which, and may be wrong. */
export const put = (
  url: string,
  body: string | Buffer,
  contentRange?: string,
  origin?: string,
): Promise<Response> =>
  fetch(url, {
    method: 'PUT',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: {
      ...(contentRange !== undefined && { 'Content-Range': contentRange }),
      ...(origin !== undefined && { Origin: origin }),
    },
  })

/** Announces all of `bytes`, sends the first `sent` of them and hangs up once the system has taken those. */
export function putAndBreak(url: string, bytes: Buffer, sent: number): Promise<void> {
  return new Promise((resolve) => {
    const sending = httpRequest(url, {
      method: 'PUT',
      headers: {
        'Content-Length': bytes.length,
        'Content-Range': `bytes 0-${bytes.length - 1}/${bytes.length}`,
      },
    })
    sending.on('error', () => resolve())
    sending.write(bytes.subarray(0, sent), () => sending.destroy(new Error('broken on purpose')))
  })
}

/** How much a 308 says is stored: "if there is no Range header, nothing is". */
export function storedBytes(response: Response): number {
  const range = response.headers.get('range')
  return range === null ? 0 : Number(range.split('-')[1]) + 1
}

export async function jsonObject(response: Response): Promise<Record<string, unknown>> {
  const json: unknown = await response.json()
  assert.ok(typeof json === 'object' && json !== null)
  return { ...json }
}
