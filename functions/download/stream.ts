import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readQuery } from '../../lib/http/input.ts'
import { askedRange, type ByteRange, type Representation } from '../../lib/http/range.ts'
import type { Call, UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { streamId, streams, type StreamRecord } from '../../lib/streams.ts'
import { tokenVersionOf, users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import { StoreError } from '../../platform/ports.ts'
import { allOver } from '../shared/all-over.ts'
import { countAccess } from './accesses.ts'
import { findMp4, type Download } from './files.ts'
import { mostBytes, sendBody } from './send.ts'

const streamSeconds = 5 * 60

const byToken = z.object({ token: z.string().optional() })

/** Gives a token by which a video element, which sends no header of ours, may play this job's MP4. Counts as one access. */
export async function openStream({ params, user }: UserCall): Promise<Answer> {
  const job = params['id'] ?? ''
  const { object } = await findMp4(job, user)
  const objects = await platform().objects()
  const info = await objects.stat(object)
  if (!info) throw noMp4()
  const token = randomBytes(32).toString('base64url')
  const id = streamId(token)
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data: account, readAt } = await tx.get(users, user.id)
    const expiresAt = new Date(readAt.getTime() + streamSeconds * 1000)
    const { size, crc32c } = info
    tx.set(streams, id, {
      job,
      user: user.id,
      tokenVersion: tokenVersionOf(account ?? {}),
      size,
      crc32c,
      expiresAt,
    })
  })
  // What is read of it is told part by part.
  await countAccess(object, { count: 1, requests: 0, bytes: 0 })
  return { status: 200, body: { token, expiresIn: streamSeconds } }
}

/**
 * Part of the MP4, to whoever has the token. Whoever does not ask for a part, or for one of other bytes than these, is sent
 * to the bucket: the whole may be more than one answer of a function can hold.
 */
export async function playStream({ req, res, url, params }: Call): Promise<Answer | void> {
  const { token } = readQuery(url, byToken)
  const job = params['id'] ?? ''
  const { mp4, size, etag } = await findStream(job, token)
  res.setHeader('Accept-Ranges', 'bytes')
  // RFC 9110, 14.2: "GET is the only method for which range handling is defined."
  const range = req.method === 'GET' ? askedRange(req.headers, { size, etag }, mostBytes) : 'whole'
  if (range === 'unsatisfiable')
    throw new Problem('RANGE_NOT_SATISFIABLE', `The MP4 has ${size} bytes, and none of those asked for.`, {
      headers: { 'Content-Range': `bytes */${size}` },
    })
  if (range !== 'whole') return sendPart(res, mp4, range, { size, etag })
  const objects = await platform().objects()
  const { filename } = mp4
  const signed = await objects.signedUrl(mp4.object, { expiresInSeconds: streamSeconds, filename })
  if (req.method !== 'HEAD') await countAccess(mp4.object, { count: 0, requests: 1, bytes: size })
  return { status: 302, headers: { Location: signed.url } }
}

/** The MP4 that this token lets play. Throws TOKEN_MISSING, TOKEN_INVALID, NOT_FOUND. */
async function findStream(
  job: string,
  token: string | undefined,
): Promise<Required<Representation> & { mp4: Download }> {
  if (token === undefined)
    throw unauthorized('TOKEN_MISSING', 'A stream is asked for with `?token=TOKEN` in its URL.')
  const records = await platform().records()
  const { data: stream, readAt } = await records.get(streams, streamId(token))
  if (!stream || stream.job !== job || stream.expiresAt <= readAt)
    throw unauthorized('TOKEN_INVALID', 'The token is not for this stream, or its five minutes are over.')
  const { data: user } = await records.get(users, stream.user)
  if (!user || user.disabled || tokenVersionOf(user) !== stream.tokenVersion)
    throw unauthorized('TOKEN_INVALID', 'The account of this token is not active, or has a new password.')
  const mp4 = await findMp4(job, { id: stream.user, email: user.email, role: user.role })
  return { mp4, size: stream.size, etag: etagOf(stream) }
}

/** An object's generation is another after each change of its storage class: the tag is made of the bytes alone. */
const etagOf = ({ crc32c, size }: StreamRecord): string => `"${crc32c}-${size}"`

async function sendPart(
  res: Call['res'],
  { object, contentType }: Download,
  { start, end }: ByteRange,
  { size, etag }: Required<Representation>,
): Promise<void> {
  const objects = await platform().objects()
  const { bucket, name } = object
  // Whichever generation there is: an MP4 is created once, and after that only its storage class changes.
  const body = await objects.read({ bucket, name }, { start, end }).catch((error: unknown) => {
    throw error instanceof StoreError && error.code === 'NOT_FOUND' ? noMp4() : error
  })
  res.writeHead(206, {
    'Content-Type': contentType,
    'Content-Length': end - start + 1,
    'Content-Range': `bytes ${start}-${end}/${size}`,
    ETag: etag,
    'Cache-Control': 'private, no-store',
    'X-Content-Type-Options': 'nosniff',
    // Somebody's bytes, on the origin of the functions: nothing in them may ever run there.
    'Content-Security-Policy': 'sandbox',
  })
  await allOver([sendBody(res, body), countAccess(object, { count: 0, requests: 1, bytes: end - start + 1 })])
}

const noMp4 = (): Problem => new Problem('NOT_FOUND', 'The MP4 is gone.')

/** How a token is asked for: "The server generating a 401 response MUST send a WWW-Authenticate header field." */
const unauthorized = (code: 'TOKEN_MISSING' | 'TOKEN_INVALID', why: string): Problem =>
  new Problem(code, `${why} POST /download/ID/stream-token gives a token.`, {
    headers: { 'WWW-Authenticate': 'Bearer realm="tapedeck"' },
  })
