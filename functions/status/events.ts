import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { readQuery } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import { log } from '../../lib/log.ts'
import { storableTime } from '../../lib/storable-time.ts'
import { users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import type { Change } from '../../platform/ports.ts'
import { authenticate } from '../shared/authenticate.ts'
import { findJob } from '../shared/jobs.ts'
import { shutdown } from '../shared/shutdown.ts'
import { ownedBy, owner } from './owner.ts'

/** A stream is closed after this long; its reader comes again with the Last-Event-ID. */
const streamSeconds = 5 * 60
/** So long a stream may outlive its token: a disabled account's, say. */
const recheckSeconds = 30
/** Without a byte now and then, what stands in between may take a connection for dead. */
const heartbeatSeconds = 15

const eventsQuery = z.object({ owner })

/**
 * Server-sent events of all the caller's jobs (an admin's: everybody's, unless told otherwise): those that change from now on, or
 * have changed since the Last-Event-ID.
 */
export async function streamAll({ req, res, url, user }: UserCall): Promise<void> {
  const asked = readQuery(url, eventsQuery)
  const records = await platform().records()
  const since = lastEventTime(req.headers['last-event-id']) ?? (await records.get(users, user.id)).readAt
  const where = [...ownedBy(user, asked.owner), { field: 'updatedAt', is: '>=', value: since } as const]
  await stream(req, res, (onChanges, onError) =>
    records.watch({ collection: jobs, where }, onChanges, onError),
  )
}

/** Server-sent events of one job, beginning with the job as it is. */
export async function streamOne({ req, params, res, user }: UserCall): Promise<void> {
  const id = params['id'] ?? ''
  await findJob(id, user)
  const records = await platform().records()
  await stream(req, res, (onChanges, onError) => records.watch({ collection: jobs, id }, onChanges, onError))
}

type Watch = (onChanges: (changes: Change<Job>[]) => void, onError: (error: unknown) => void) => () => void

/** Sends changes as `event: job` with the whole job, as fast as they are read, until the reader leaves or the time is over. */
async function stream(req: IncomingMessage, res: ServerResponse, watch: Watch): Promise<void> {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // Proxies such as nginx hold events back unless told not to.
    'X-Accel-Buffering': 'no',
  })
  if (req.method === 'HEAD') {
    res.end()
    return
  }
  // By job: of one that changes again before its change could be sent, only the last is.
  const waiting = new Map<string, Job>()
  // The reader may have left while it was found out who it is.
  if (res.closed) return
  const over = new AbortController()
  let wake = (): void => undefined
  const end = (): void => {
    over.abort()
    // Whoever has left events unread would not notice that they have ended, and keep all that belongs to them here.
    if (res.writableNeedDrain) res.destroy()
    wake()
  }
  const stop = watch(
    (changes) => {
      for (const { id, data } of changes) {
        waiting.delete(id)
        if (data) waiting.set(id, data)
      }
      wake()
    },
    (error) => {
      log.error('A stream of events broke off', error)
      end()
    },
  )
  const close = setTimeout(end, streamSeconds * 1000)
  const recheck = setInterval(() => {
    // Whoever is cut off for another reason, such as a store that is down, comes again.
    authenticate(req.headers.authorization).catch(end)
  }, recheckSeconds * 1000)
  res.once('close', end)
  shutdown.addEventListener('abort', end)
  if (shutdown.aborted) end()

  async function* events(): AsyncGenerator<string> {
    yield ': open\n\n'
    while (!over.signal.aborted) {
      const [next] = waiting
      if (next) {
        waiting.delete(next[0])
        yield format(...next)
      } else if (!(await isWoken((resolve) => (wake = resolve)))) yield ': alive\n\n'
    }
  }
  try {
    await pipeline(events, res)
  } catch (error) {
    if (!res.closed) log.error('A stream of events broke off', error)
  } finally {
    stop()
    shutdown.removeEventListener('abort', end)
    clearTimeout(close)
    clearInterval(recheck)
  }
}

/** Whether somebody calls the function handed out before it is time for a heartbeat. */
async function isWoken(handOut: (wake: () => void) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), heartbeatSeconds * 1000)
  handOut(() => resolve(true))
  const woken = await promise
  clearTimeout(timer)
  return woken
}

/** The local store tells hundreds of the same object; Firestore gives each their own. */
const formatted = new WeakMap<Job, string>()

function format(id: string, job: Job): string {
  let text = formatted.get(job)
  if (text === undefined) formatted.set(job, (text = formatAnew(id, job)))
  return text
}

function formatAnew(id: string, job: Job): string {
  const { status, updatedAt } = job
  const view = status === 'DELETED' ? { id, status, updatedAt } : viewJob(id, job)
  return `event: job\nid: ${updatedAt.toISOString()}\ndata: ${JSON.stringify(view)}\n\n`
}

const lastEventTime = (id: string | string[] | undefined): Date | undefined => storableTime.safeParse(id).data
