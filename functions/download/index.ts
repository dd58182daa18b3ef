import { pipeline } from 'node:stream/promises'
import { create as contentDisposition } from 'content-disposition'
import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readQuery } from '../../lib/http/input.ts'
import type { Call, User, UserCall } from '../../lib/http/router.ts'
import type { Job, StoredObject } from '../../lib/jobs/job.ts'
import { renamed } from '../../lib/jobs/names.ts'
import { log } from '../../lib/log.ts'
import { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'
import { httpFunction } from '../shared/http-function.ts'
import { findJob } from '../shared/jobs.ts'

httpFunction('download', [
  { method: 'GET', path: '/', access: 'user', handle: downloadByFid },
  { method: 'GET', path: '/:id', access: 'user', handle: download },
  { method: 'GET', path: '/:id/video', access: 'user', handle: downloadVideo },
])

/** A signed URL has to last for one download, begun at once, on a slow line. */
const urlSeconds = 60 * 60
/** Streamed answers end at 10 MB in the cloud. */
const directBytes = 8 * 1024 * 1024

/** A file to be downloaded, under the name that its owner will see. */
interface Download {
  object: StoredObject
  filename: string
  contentType: string
}

const answerFormat = z.object({
  format: z.enum(['json'], { error: 'must be json, or be left out for a redirect' }).optional(),
})

async function download(call: UserCall): Promise<Answer> {
  return answerUrl(call, await findMp3(call.params['id'] ?? '', call.user))
}

async function downloadVideo(call: UserCall): Promise<Answer> {
  const id = call.params['id'] ?? ''
  const job = await findJob(id, call.user)
  if (!job.video || 'skipped' in job.video) {
    throw new Problem(
      'NOT_FOUND',
      job.video ? `There is no MP4: ${job.video.skipped}` : 'This job has no MP4.',
    )
  }
  const filename = renamed(job.filename, '.mp4')
  return answerUrl(call, { object: job.video, filename, contentType: 'video/mp4' })
}

/** As old clients ask, which do not follow redirects: the bytes themselves, where they are few enough. */
async function downloadByFid({ url, user, req, res }: UserCall): Promise<Answer | void> {
  const { fid } = readQuery(url, z.object({ fid: z.string({ error: 'is needed: the id of a job' }) }))
  const mp3 = await findMp3(fid, user)
  if (mp3.object.size > directBytes) return answerUrl({ url, req }, mp3)
  await sendBytes({ req, res }, mp3)
}

async function findMp3(id: string, user: User): Promise<Download> {
  const job: Job = await findJob(id, user)
  if (job.status !== 'MP3_COMPLETED' || !job.target) {
    const why = job.error ? ` ${job.error.message}` : ''
    throw new Problem('NOT_COMPLETED', `The job is ${job.status}: there is no MP3 to download.${why}`)
  }
  return { object: job.target, filename: renamed(job.filename, '.mp3'), contentType: 'audio/mpeg' }
}

async function answerUrl(
  { url, req }: Pick<Call, 'url' | 'req'>,
  { object, filename }: Download,
): Promise<Answer> {
  const { format } = readQuery(url, answerFormat.extend({ fid: z.string().optional() }))
  const objects = await platform().objects()
  const signed = await objects.signedUrl(object, { expiresInSeconds: urlSeconds, filename })
  if (req.method !== 'HEAD') await countAccess(object)
  if (format === 'json') return { status: 200, body: signed }
  return { status: 302, headers: { Location: signed.url } }
}

async function sendBytes(
  { req, res }: Pick<Call, 'req' | 'res'>,
  { object, filename, contentType }: Download,
): Promise<void> {
  const objects = await platform().objects()
  const body = await objects.read(object)
  res.setHeader('Content-Type', contentType)
  res.setHeader('Content-Length', object.size)
  res.setHeader('Content-Disposition', contentDisposition(filename))
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Cache-Control', 'no-store')
  if (req.method === 'HEAD') {
    body.destroy()
    res.end()
    return
  }
  await countAccess(object)
  await pipeline(body, res)
}

/** Tells how much an object is asked for. That must not keep anybody from getting it. */
async function countAccess(object: StoredObject): Promise<void> {
  try {
    const bus = await platform().bus()
    await bus.publish('accesses', { object: object.name, bytes: object.size })
  } catch (error) {
    log.error('A download was not counted', error, { object: object.name })
  }
}
