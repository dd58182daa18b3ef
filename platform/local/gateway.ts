import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { functions, type CloudFunction, type FunctionName } from '../../lib/functions.ts'
import { sendProblem } from '../../lib/http/answer.ts'
import { bodyHeaders, rawUrl, restoreBodyHeaders } from '../../lib/http/raw-request.ts'
import { Problem } from '../../lib/problems.ts'
import { secretHeader } from './delivery.ts'
import { callsOf } from './calls.ts'
import { limitPatience } from './patience.ts'

/** In the cloud a request ends here. */
const cloudRequestBytes = 32 * 1024 * 1024

export interface GatewayOptions {
  /** Answers what is no function's: the page. */
  page: (req: IncomingMessage, res: ServerResponse) => void
  /** What an event has to carry: only the local bus knows it. */
  secret: string
  /** Requests are limited as in the cloud, and pass through functions-framework's server as there. */
  cloudLike: boolean
}

/** What stands in front of every function of the table: each is reached below its own name, as in the cloud. */
export async function openGateway({ page, secret, cloudLike }: GatewayOptions): Promise<RequestListener> {
  const entries: [name: string, entry: CloudFunction][] = Object.entries(functions)
  for (const folder of new Set(entries.map(([, entry]) => entry.folder))) {
    await import(`../../functions/${folder}/index.ts`)
  }
  const listeners = new Map(
    entries.map(([name, { trigger }]) => [name, cloudLike ? served(name) : callsOf(name, trigger)]),
  )

  return (req, res) => {
    const name = /^\/([a-z]+)(?=[/?]|$)/.exec(rawUrl(req))?.[1] ?? ''
    const listener = listeners.get(name)
    const isEvent = listener !== undefined && functions[name as FunctionName].trigger.kind !== 'http'
    const isOwn = isEvent && isSecret(req.headers[secretHeader], secret)
    // An event is answered when the work is done, hours later perhaps.
    if (isOwn) restoreBodyHeaders(req)
    else limitPatience(req, res, name === 'upload' && isForm(req))
    if (!listener) {
      page(req, res)
      return
    }
    if (isEvent && !isOwn) {
      sendProblem(req, res, new Problem('NOT_FOUND', `There is nothing at ${rawUrl(req)}.`))
      return
    }
    if (cloudLike && Number(bodyHeaders(req)['content-length'] ?? 0) > cloudRequestBytes) {
      const detail = `A request may have ${cloudRequestBytes} bytes at most; open an upload session for larger files.`
      sendProblem(req, res, new Problem('PAYLOAD_TOO_LARGE', detail))
      return
    }
    listener(req, res)
  }
}

const isForm = (req: IncomingMessage): boolean => /^multipart\//i.test(bodyHeaders(req)['content-type'] ?? '')

function served(name: string): RequestListener {
  const server = getTestServer(name)
  return (req, res) => void server.emit('request', req, res)
}

function isSecret(header: string | string[] | undefined, secret: string): boolean {
  if (typeof header !== 'string') return false
  const [given, expected] = [Buffer.from(header), Buffer.from(secret)]
  return given.length === expected.length && timingSafeEqual(given, expected)
}
