import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { CloudEvent, CloudEventFunction } from '@google-cloud/functions-framework'
import { getFunction } from '@google-cloud/functions-framework/testing'
import type { CloudFunction } from '../../lib/functions.ts'
import { log } from '../../lib/log.ts'

/**
 * Calls a function that was registered with functions-framework, without the framework's server in front: that takes longer than
 * a short answer, changes nothing that our functions look at, and its domains slow down every promise of the process.
 */
export function callsOf(name: string, { kind }: CloudFunction['trigger']): RequestListener {
  const registered = getFunction(name)
  if (!registered) throw new Error(`No function ${name} was registered.`)
  if (kind === 'http') {
    // The table says how each function is registered; what Express adds to requests and answers, ours do not use.
    const handle = registered as (req: IncomingMessage, res: ServerResponse) => Promise<void>
    return (req, res) =>
      void handle(req, res).catch((error: unknown) => {
        log.error('A request could not be answered', error, { function: name })
        res.destroy()
      })
  }
  const handle = registered as CloudEventFunction
  return (req, res) => {
    const answer = (status: number): unknown => res.writeHead(status).end()
    readEvent(req)
      .then(handle)
      .then(
        () => answer(204),
        () => answer(500),
      )
  }
}

/** An event in binary mode: its attributes are headers, its data the body. */
async function readEvent(req: IncomingMessage): Promise<CloudEvent<unknown>> {
  const attributes = Object.entries(req.headers).flatMap(([name, value]) =>
    name.startsWith('ce-') ? [[name.slice('ce-'.length), value] as const] : [],
  )
  return { ...(Object.fromEntries(attributes) as unknown as CloudEvent<unknown>), data: await json(req) }
}
