import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, type JobView } from '../../test/client.ts'
import { startServer, type TestServer } from '../../test/server.ts'
import { inFolder } from './place.ts'

export interface Server extends TestServer {
  client: Client
}

/** Runs `work` with a real local server, set by these variables, over a new folder. Both are gone afterwards. */
export function withServer<T>(env: Record<string, string>, work: (server: Server) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const server = await startServer({ env, dataDir: join(folder, 'data') })
    try {
      return await work(Object.assign(server, { client: new Client(server) }))
    } finally {
      await server.stop()
    }
  })
}

/** Uploads a file by a session, in one request, waits for its MP3, and removes both. Gives the job as it was at its end. */
export async function convert(
  { client }: Server,
  path: string,
  options: { bitrate?: number } = {},
): Promise<JobView> {
  const { size } = await stat(path)
  const contentType = 'application/octet-stream'
  const { job, uploadUrl } = await client.openSession({
    filename: basename(path),
    size,
    contentType,
    options,
  })
  const response = await fetch(uploadUrl, { method: 'PUT', body: await openAsBlob(path) })
  if (!response.ok) throw new Error(`The bucket refused ${path}: ${await response.text()}`)
  // Seldom enough to cost nothing: how long it took is in the job itself.
  await until(async () => (await client.job(job.id)).status in ended)
  const done = await client.job(job.id)
  if (done.status !== 'MP3_COMPLETED' || done.attempt !== 1)
    throw new Error(`${path} was not converted at the first attempt: ${JSON.stringify(done)}`)
  const removed = await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
  if (!removed.ok) throw new Error(`The job of ${path} was not deleted: ${await removed.text()}`)
  return done
}

const ended = { MP3_COMPLETED: true, FAILED: true }

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(250)
}

/** From the moment at which its finalize event was taken (ENQUEUED) to the one at which its MP3 was there, in seconds. */
export const secondsOf = (job: JobView): number => secondsBetween(job, 'ENQUEUED', 'MP3_COMPLETED')

/** The seconds from one status of a job to another, as its timeline has them. */
export function secondsBetween({ timeline }: JobView, from: string, to: string): number {
  const at = (wanted: string): number =>
    new Date(timeline.find(({ status }) => status === wanted)?.at ?? Number.NaN).getTime()
  return (at(to) - at(from)) / 1000
}
