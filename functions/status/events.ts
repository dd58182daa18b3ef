import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UserCall } from '../../lib/http/router.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import { log } from '../../lib/log.ts'
import { users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import type { Change, Query } from '../../platform/ports.ts'
import { findJob } from '../shared/jobs.ts'

/** A stream is closed after this long; its reader comes again with the Last-Event-ID. */
const streamSeconds = 5 * 60
/** Without a byte now and then, what stands in between may take a connection for dead. */
const heartbeatSeconds = 15

const mostUnreadBytes = 1024 * 1024

/** Server-sent events of all the caller's jobs: those that change from now on, or have changed since the Last-Event-ID. */
export async function streamAll({ req, res, user }: UserCall): Promise<void> {
  const records = await platform().records()
  const since = lastEventTime(req.headers['last-event-id']) ?? (await records.get(users, user.id)).readAt
  const where: NonNullable<Query<Job>['where']> = [{ field: 'updatedAt', is: '>=', value: since }]
  if (user.role !== 'admin') where.unshift({ field: 'owner', is: '==', value: user.id })
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

/** Sends every change as `event: job` with the whole job, until the reader leaves or the time is over. */
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
  res.write(': open\n\n')
  const ended = new Promise<void>((resolve) => res.once('close', resolve))
  const stop = watch(
    (changes) => changes.forEach((change) => send(res, change)),
    (error) => {
      log.error('A stream of events broke off', error)
      res.end()
    },
  )
  const heartbeat = setInterval(() => res.write(': alive\n\n'), heartbeatSeconds * 1000)
  const close = setTimeout(() => res.end(), streamSeconds * 1000)
  await ended
  stop()
  clearInterval(heartbeat)
  clearTimeout(close)
}

function send(res: ServerResponse, { id, data }: Change<Job>): void {
  if (!data) return
  // Whoever reads too slowly is let go, and resumes from the last event that came through.
  if (res.writableLength > mostUnreadBytes) res.destroy()
  const deleted = data.status === 'DELETED'
  const view = deleted ? { id, status: data.status, updatedAt: data.updatedAt } : viewJob(id, data)
  res.write(`event: job\nid: ${data.updatedAt.toISOString()}\ndata: ${JSON.stringify(view)}\n\n`)
}

function lastEventTime(id: string | string[] | undefined): Date | undefined {
  const time = new Date(typeof id === 'string' ? id : Number.NaN)
  return Number.isNaN(time.getTime()) ? undefined : time
}
