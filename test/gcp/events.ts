import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { availableParallelism } from 'node:os'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { limit } from '../../cli/limit.ts'
import { functions, type CloudFunction, type FunctionName } from '../../lib/functions.ts'

/** What a push subscription posts. */
interface Push {
  message: {
    data?: string
    attributes?: Record<string, string>
    messageId: string
    publishTime: string
  }
  subscription: string
}

export interface EventServerOptions {
  /** Gets the event for a function. Rejects if it was not accepted. */
  deliver: (name: FunctionName, headers: Record<string, string>, body: string) => Promise<void>
  /** How messages of topics arrive: as CloudEvents, or in the body that push subscriptions post. New objects are always CloudEvents. */
  shape: 'eventarc' | 'push'
  /** Chooses for an event how often it is delivered, and how long each delivery waits, in milliseconds: so that others overtake it. */
  waits: () => number[]
}

/** Every event so often; where that is more than once, some deliveries wait. */
export function copied(copies: number): EventServerOptions['waits'] {
  const milliseconds = copies > 1 ? [250, 0, 100] : [0]
  let count = 0
  return () => Array.from({ length: copies }, () => milliseconds[count++ % milliseconds.length] ?? 0)
}

/** Stands where Eventarc does: gets messages from push subscriptions at `/<function>`, and hands them on as events. */
export function createEventServer({ deliver, shape, waits }: EventServerOptions): Server {
  const folders = new Map<string, ReturnType<typeof limit>>()

  /** In as many instances as there are cores. */
  function inTurn({ folder, concurrency, maxInstances }: CloudFunction): ReturnType<typeof limit> {
    const turn = folders.get(folder) ?? limit(concurrency * (maxInstances ?? availableParallelism()))
    folders.set(folder, turn)
    return turn
  }

  async function handOn(req: IncomingMessage): Promise<void> {
    const name = (req.url ?? '').slice(1) as FunctionName
    const push = (await json(req)) as Push
    const { headers, body } = eventOf(functions[name], push, shape)
    const once = async (wait: number): Promise<void> => {
      if (wait > 0) await delay(wait)
      await inTurn(functions[name])(() => deliver(name, headers, body))
    }
    await Promise.all(waits().map(once))
  }

  return createServer((req, res) => {
    handOn(req).then(
      () => res.writeHead(204).end(),
      (error: unknown) => res.writeHead(500).end(String(error)),
    )
  })
}

function eventOf(
  { trigger }: CloudFunction,
  push: Push,
  shape: EventServerOptions['shape'],
): { headers: Record<string, string>; body: string } {
  const { data = '', attributes = {}, messageId, publishTime } = push.message
  const json = { 'content-type': 'application/json' }
  const event = { ...json, 'ce-specversion': '1.0', 'ce-id': messageId, 'ce-time': publishTime }
  if (trigger.kind === 'finalize') {
    const headers = {
      ...event,
      'ce-type': 'google.cloud.storage.object.v1.finalized',
      'ce-source': `//storage.googleapis.com/projects/_/buckets/${attributes['bucketId']}`,
      'ce-subject': `objects/${encodeURIComponent(attributes['objectId'] ?? '')}`,
    }
    return { headers, body: Buffer.from(data, 'base64').toString() }
  }
  if (shape === 'push') return { headers: json, body: JSON.stringify(push) }
  const headers = {
    ...event,
    'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
    'ce-source': `//pubsub.googleapis.com/${push.subscription.replace('/subscriptions/', '/topics/')}`,
  }
  return { headers, body: JSON.stringify(push) }
}

/** Posts an event. Rejects unless it is answered with success, however long that takes. */
export function post(url: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: 'POST', headers }, (res) => {
      res.resume()
      res.on('error', reject)
      res.on('end', () =>
        res.statusCode && res.statusCode < 300
          ? resolve()
          : reject(new Error(`${url} answered ${res.statusCode}`)),
      )
    })
    req.on('error', reject)
    req.end(body)
  })
}
