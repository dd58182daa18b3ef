import * as z from 'zod'
import { readConfig } from '../../lib/config.ts'
import { cleanFilename } from '../../lib/filename.ts'
import type { Answer } from '../../lib/http/answer.ts'
import { checked, readJson } from '../../lib/http/input.ts'
import { bodyHeaders } from '../../lib/http/raw-request.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { encodingOptions, jobs, type Actor, type StoredObject } from '../../lib/jobs/job.ts'
import { newJobId, sourceName } from '../../lib/jobs/names.ts'
import { TransitionError } from '../../lib/jobs/event.ts'
import { beginJob, type NewJob } from '../../lib/jobs/begin.ts'
import { log } from '../../lib/log.ts'
import { anyMediaType, mediaType } from '../../lib/media-type.ts'
import { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'
import { httpFunction } from '../shared/http-function.ts'
import { advance, newActor, viewOf } from '../shared/jobs.ts'
import { admit, confirm, confirmStored } from './admission.ts'
import { counted } from './counted.ts'
import { readUploadForm } from './form.ts'

const config = readConfig(['SOURCE_BUCKET', 'ALLOWED_ORIGINS'])

httpFunction('upload', [
  { method: 'POST', path: '/', access: 'user', handle: uploadForm },
  { method: 'POST', path: '/sessions', access: 'user', handle: openSession },
])

/** What a form has beside its file, at most: boundaries, headers, the fields that there are. */
const formOverheadBytes = 16 * 1024

/** Sweep must not take a form for lost that is still coming; and one whose job is deleted takes up room that nobody accounts for. */
const stillComingSeconds = 60

/** An object of Cloud Storage cannot be larger. */
const mostBytes = 5 * 2 ** 40

/** Streams a form's file into the source bucket. */
async function uploadForm({ req, user }: UserCall): Promise<Answer> {
  const header = bodyHeaders(req)['content-length']
  const formBytes = header === undefined ? undefined : Number(header)
  if (formBytes !== undefined && formBytes > mostBytes)
    throw new Problem('PAYLOAD_TOO_LARGE', `A video may have 5 TiB at most; ${header} bytes were announced.`)
  const file = { bytes: Math.max(1, (formBytes ?? 0) - formOverheadBytes), known: 'at least' } as const
  const limits = await admit(user.id, file)
  const form = await readUploadForm(req)
  const options = checked(encodingOptions, numbers(form.fields))
  const actor = newActor('upload')
  // It goes into the headers of other requests; and what it says does not matter to anybody.
  const contentType = mediaType.test(form.contentType) ? form.contentType : anyMediaType
  const job = {
    owner: user.id,
    filename: checked(cleanFilename, form.filename),
    size: 0,
    contentType,
    options,
    reservedBytes: formBytes ?? 0,
  }
  const id = newJobId()
  const source = sourceOf(id)
  await begin(id, job, 'form', actor)
  try {
    const checkSize = await confirm(id, file, limits)
    const objects = await platform().objects()
    const body = counted(form.file, checkSize, {
      everySeconds: stillComingSeconds,
      onStillComing: () => stillComing(id, actor),
    })
    const info = await objects.write(source, body, { contentType, ifGenerationMatch: '0' })
    await uploaded(id, actor, { ...source, generation: info.generation, size: info.size })
    if (formBytes === undefined) await confirmStored(user.id, info.size)
  } catch (error) {
    await discard(id, actor)
    throw error instanceof TransitionError ? new Problem('CONFLICT', error.message) : error
  }
  return { status: 202, body: await viewOf(id) }
}

const sessionRequest = z.strictObject({
  filename: cleanFilename,
  size: z
    .int('must be a whole number of bytes')
    .min(1, 'must be at least 1 byte: the file is empty')
    .max(mostBytes, 'must be at most 5 TiB'),
  contentType: z.string().regex(mediaType, 'must be a media type such as video/mp4').default(anyMediaType),
  options: encodingOptions.default({}),
})

/** Opens a resumable session: the bytes then go straight to the bucket. */
async function openSession({ req, user }: UserCall): Promise<Answer> {
  const { filename, size, contentType, options } = await readJson(req, sessionRequest)
  const actor = newActor('upload')
  const file = { bytes: size, known: 'exactly' } as const
  const limits = await admit(user.id, file)
  const id = newJobId()
  const { origin } = req.headers
  const isOurs = origin !== undefined && config.ALLOWED_ORIGINS.includes(origin)
  const objects = await platform().objects()
  const uploadUrl = await objects.createUploadSession(sourceOf(id), {
    contentType,
    size,
    ...(isOurs && { origin }),
  })
  const job = { owner: user.id, filename, size, contentType, options, uploadSession: uploadUrl }
  await begin(id, job, 'session', actor)
  try {
    await confirm(id, file, limits)
  } catch (error) {
    await discard(id, actor)
    throw error
  }
  return { status: 201, body: { job: await viewOf(id), uploadUrl }, headers: { Location: uploadUrl } }
}

const sourceOf = (id: string): { bucket: string; name: string } => ({
  bucket: config.SOURCE_BUCKET,
  name: sourceName(id),
})

/** Writes the job down before anybody can send its first byte: whatever arrives later belongs to somebody. */
async function begin(
  id: string,
  job: Omit<NewJob, 'source'>,
  kind: 'form' | 'session',
  actor: Actor,
): Promise<void> {
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { readAt } = await tx.get(jobs, id)
    tx.create(jobs, id, beginJob({ ...job, source: sourceOf(id) }, kind, actor, readAt))
  })
}

/** Throws where the job is gone. If it cannot be said now, the next time will do, or the end: what was given up is taken up again. */
async function stillComing(id: string, actor: Actor): Promise<void> {
  try {
    await advance(id, { type: 'stillComing', actor })
  } catch (error) {
    if (error instanceof TransitionError) throw error
    log.error('It could not be noted that a form is still coming', error, { job: id })
  }
}

/** The upload was refused or broke off, so the job goes, and with it what may be stored; it may be gone already, deleted by its owner. */
async function discard(id: string, actor: Actor): Promise<void> {
  try {
    await advance(id, { type: 'deleted', actor })
  } catch (error) {
    if (!(error instanceof TransitionError))
      log.error('A job without its upload stays until sweep', error, { job: id })
  }
}

/** The finalize event may have come first, and the conversion be over: that is no error. */
async function uploaded(id: string, actor: Actor, source: StoredObject): Promise<void> {
  await advance(id, { type: 'uploaded', actor, source })
}

/** A form's fields are texts: those that are numbers become numbers. */
const numbers = (fields: Record<string, string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text]),
  )
