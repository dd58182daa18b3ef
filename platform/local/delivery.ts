import { request } from 'node:http'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { readConfig } from '../../lib/config.ts'
import { functions, type FunctionName } from '../../lib/functions.ts'
import { log } from '../../lib/log.ts'
import type { CloudEventFields, LocalBus, QueuedEvent } from './bus.ts'

/** What shows an event function that an event comes from this bus. */
export const secretHeader = 'x-tapedeck-bus'

const { CONVERSION_CORES: cores = availableParallelism() } = readConfig(['CONVERSION_CORES'])

const retrySeconds = { first: 1, most: 600 }
const keepSeconds = 24 * 60 * 60

/**
 * The event functions by folder, each with how many events the folder takes at once: what one instance takes, on as many
 * instances as there are cores that may be used. Functions of one folder are the same code and share its place.
 */
const folders = new Map(
  Map.groupBy(eventFunctions(), (name) => functions[name].folder)
    .entries()
    .map(([folder, names]) => [folder, { names, capacity: Math.max(...names.map(capacityOf)) }]),
)

function eventFunctions(): FunctionName[] {
  const names = Object.keys(functions) as FunctionName[]
  return names.filter((name) => functions[name].trigger.kind !== 'http')
}

function capacityOf(name: FunctionName): number {
  const entry = functions[name]
  return entry.concurrency * ('maxInstances' in entry ? entry.maxInstances : cores)
}

export interface DeliveryOptions {
  /** The gateway's own base URL. */
  gatewayUrl: string
  secret: string
  /** After this long a delivery is closed and tried again, as the cloud does; without it never. */
  timeoutSeconds?: number
}

/**
 * Delivers queued events as CloudEvents over HTTP: as many at once as the functions of a folder may take on this machine,
 * again with growing pauses until they are accepted or a day old. Returns a function that stops it.
 */
export function startDelivery(bus: LocalBus, options: DeliveryOptions): () => Promise<void> {
  const inFlight = new Map<number, Promise<void>>()
  const load = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let planned: NodeJS.Immediate | undefined
  let stopped = false

  function pump(): void {
    if (stopped) return
    clearTimeout(timer)
    // What becomes due while the queue is looked through is still to come, seen from before.
    const startedAt = new Date()
    for (const [folder, { names, capacity }] of folders) {
      const free = capacity - busy(folder)
      // Those in flight are still in the queue.
      if (free > 0) for (const queued of bus.due(names, free, inFlight.keys())) start(folder, queued)
    }
    const next = bus.nextDueAt(startedAt)
    if (next) timer = setTimeout(pump, Math.max(next.getTime() - Date.now(), 1))
  }

  /** Looks once for all that happens in this turn of the event loop. */
  function pumpSoon(): void {
    planned ??= setImmediate(() => {
      planned = undefined
      pump()
    })
  }

  const busy = (folder: string): number => load.get(folder) ?? 0

  function start(folder: string, queued: QueuedEvent): void {
    load.set(folder, busy(folder) + 1)
    const delivery = deliver(queued)
      .catch(async (error: unknown) => {
        // The disk may be full. The event is still in the queue, and comes again; not at once, lest nothing else be done.
        log.error('The queue could not be written', error, { event: queued.event.id })
        await delay(retrySeconds.first * 1000)
      })
      .finally(() => {
        inFlight.delete(queued.id)
        load.set(folder, busy(folder) - 1)
        pumpSoon()
      })
    inFlight.set(queued.id, delivery)
  }

  async function deliver(queued: QueuedEvent): Promise<void> {
    try {
      await post(queued, options)
      await bus.delivered(queued.id)
    } catch (error) {
      if (stopped) return
      const ageSeconds = (Date.now() - queued.enqueuedAt.getTime()) / 1000
      if (ageSeconds > keepSeconds) {
        log.error(`An event for ${queued.function} is given up after a day`, error, {
          event: queued.event.id,
        })
        await bus.delivered(queued.id)
      } else {
        const retryInSeconds = Math.min(retrySeconds.first * 2 ** queued.failures, retrySeconds.most)
        log.warning(`An event for ${queued.function} is tried again in ${retryInSeconds} s: ${String(error)}`)
        await bus.failed(queued.id, retryInSeconds)
      }
    }
  }

  bus.onEnqueued(pumpSoon)
  pump()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await Promise.allSettled(inFlight.values())
  }
}

/** Posts one CloudEvent in binary mode. Rejects unless the function answers with success. */
function post(queued: QueuedEvent, { gatewayUrl, secret, timeoutSeconds }: DeliveryOptions): Promise<void> {
  const body = JSON.stringify(queued.event.data)
  const headers = {
    ...eventHeaders(queued.event),
    [secretHeader]: secret,
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    // fetch would give up on a conversion after five minutes without an answer.
    const req = request(`${gatewayUrl}/${queued.function}`, { method: 'POST', headers }, (res) => {
      res.resume()
      res.on('error', reject)
      res.on('end', () => {
        clearTimeout(timeout)
        if (res.statusCode && res.statusCode < 300) resolve()
        else reject(new Error(`it answered ${res.statusCode}`))
      })
    })
    const close = (): unknown => req.destroy(new Error(`it did not answer within ${timeoutSeconds} s`))
    const timeout = timeoutSeconds ? setTimeout(close, timeoutSeconds * 1000) : undefined
    req.on('error', (error) => {
      clearTimeout(timeout)
      reject(error)
    })
    req.end(body)
  })
}

function eventHeaders(event: CloudEventFields): Record<string, string> {
  return {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-type': event.type,
    'ce-source': event.source,
    'ce-time': event.time,
    // A name may hold any character; a header may not.
    ...(event.subject && { 'ce-subject': encodeURI(event.subject) }),
  }
}
