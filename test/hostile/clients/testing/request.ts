import { Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A request as it goes over the wire, other than fetch would let it. */
export interface WireRequest {
  method: string
  /** Path and query, as they are. */
  target: string
  headers: Record<string, string | string[]>
  body?: Buffer | undefined
}

const hangSeconds = 20

const agent = new Agent({ keepAlive: true, maxSockets: 50 })

/** Sends a request and reads its answer; of one that has no end, only its head. Rejects where the server hangs, or hangs up. */
export async function send(
  baseUrl: string,
  { method, target, headers, body }: WireRequest,
): Promise<Response> {
  const { hostname, port } = new URL(baseUrl)
  const signal = AbortSignal.timeout(hangSeconds * 1000)
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, method, path: target, headers, agent, signal }, (answer) => {
      const { statusCode: status = 0, headers: answered } = answer
      const read = async (): Promise<Response> => {
        const isEndless = String(answered['content-type']).startsWith('text/event-stream')
        const bytes = isEndless ? Buffer.from('') : await buffer(answer)
        if (isEndless) answer.destroy()
        const isEmpty = bytes.length === 0 || [204, 304].includes(status)
        return new Response(isEmpty ? null : bytes, { status, headers: flat(answered) })
      }
      read().then(resolve, reject)
    })
    sending.on('error', reject)
    // A client of JavaScript's would not send a body along with GET; others do.
    if (body) sending.setHeader('Content-Length', body.length)
    sending.end(body)
  })
}

const flat = (headers: NodeJS.Dict<string | string[]>): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  )
