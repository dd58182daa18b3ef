import { create as contentDisposition } from 'content-disposition'
import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readQuery } from '../../lib/http/input.ts'
import type { Call, UserCall } from '../../lib/http/router.ts'
import { platform } from '../../platform/index.ts'
import { httpFunction } from '../shared/http-function.ts'
import { countAccess } from './accesses.ts'
import { findMp3, findMp4, type Download } from './files.ts'
import { mostBytes, sendBody } from './send.ts'
import { openStream, playStream } from './stream.ts'

httpFunction('download', [
  { method: 'GET', path: '/', access: 'user', handle: downloadByFid },
  { method: 'GET', path: '/:id', access: 'user', handle: download },
  { method: 'GET', path: '/:id/video', access: 'user', handle: downloadVideo },
  { method: 'POST', path: '/:id/stream-token', access: 'user', handle: openStream },
  { method: 'GET', path: '/:id/stream', access: 'anyone', handle: playStream },
])

/** A signed URL has to last for one download, begun at once, on a slow line. */
const urlSeconds = 60 * 60

const answerFormat = z.object({
  format: z.enum(['json'], { error: 'must be json, or be left out for a redirect' }).optional(),
})

const byFid = z.object({ fid: z.string({ error: 'is needed: the id of a job' }) })

async function download(call: UserCall): Promise<Answer> {
  return answerUrl(call, await findMp3(call.params['id'] ?? '', call.user))
}

async function downloadVideo(call: UserCall): Promise<Answer> {
  return answerUrl(call, await findMp4(call.params['id'] ?? '', call.user))
}

/** As old clients ask, which do not follow redirects: the bytes themselves, where they are few enough. */
async function downloadByFid({ url, user, req, res }: UserCall): Promise<Answer | void> {
  const { fid } = readQuery(url, byFid)
  const mp3 = await findMp3(fid, user)
  if (mp3.object.size > mostBytes) return answerUrl({ url, req }, mp3)
  await sendBytes({ req, res }, mp3)
}

async function answerUrl(
  { url, req }: Pick<Call, 'url' | 'req'>,
  { object, filename }: Download,
): Promise<Answer> {
  const { format } = readQuery(url, answerFormat)
  const objects = await platform().objects()
  const signed = await objects.signedUrl(object, { expiresInSeconds: urlSeconds, filename })
  if (req.method !== 'HEAD') await countAccess(object, { count: 1, requests: 1, bytes: object.size })
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
  await countAccess(object, { count: 1, requests: 1, bytes: object.size })
  await sendBody(res, body)
}
