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

/** What has been sent, how it was answered, and how long the slowest answer took. */
const traffic = { statuses: new Map<number, number>(), slowestMs: 0, slowest: 'none' }

/** All that has been sent so far, in sentences. */
export function trafficReport(): string[] {
  const statuses = [...traffic.statuses].toSorted(([one], [other]) => one - other)
  const count = statuses.reduce((sum, [, each]) => sum + each, 0)
  return [
    `${count} requests, all answered: ${statuses.map(([status, each]) => `${each} by ${status}`).join(', ')}.`,
    `The slowest answer took ${(traffic.slowestMs / 1000).toFixed(2)} s (${traffic.slowest}).`,
  ]
}

function note(status: number, milliseconds: number, request: string): void {
  traffic.statuses.set(status, (traffic.statuses.get(status) ?? 0) + 1)
  if (milliseconds > traffic.slowestMs) Object.assign(traffic, { slowestMs: milliseconds, slowest: request })
}

const agent = new Agent({ keepAlive: true, maxSockets: 50 })

/** Sends a request and reads its answer; of one that has no end, only its head. Rejects where the server hangs, or hangs up. */
export async function send(
  baseUrl: string,
  { method, target, headers, body }: WireRequest,
): Promise<Response> {
  const { hostname, port } = new URL(baseUrl)
  const signal = AbortSignal.timeout(hangSeconds * 1000)
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, method, path: target, headers, agent, signal }, (answer) => {
      const { statusCode: status = 0, headers: answered } = answer
      const read = async (): Promise<Response> => {
        const isEndless = String(answered['content-type']).startsWith('text/event-stream')
        const bytes = isEndless ? Buffer.from('') : await buffer(answer)
        if (isEndless) answer.destroy()
        note(status, performance.now() - begun, `${method} ${target.split('?', 1)[0]?.slice(0, 40)}`)
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
