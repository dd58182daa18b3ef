import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import { readConfig } from '../../lib/config.ts'
import { cleanFilename } from '../../lib/filename.ts'
import type { Answer } from '../../lib/http/answer.ts'
import { checked, readJson } from '../../lib/http/input.ts'
import { bodyHeaders } from '../../lib/http/raw-request.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { encodingOptions, jobs, type Actor, type Job } from '../../lib/jobs/job.ts'
import { sourceName } from '../../lib/jobs/names.ts'
import { TransitionError } from '../../lib/jobs/event.ts'
import { beginJob, type NewJob } from '../../lib/jobs/begin.ts'
import { viewJob, type JobView } from '../../lib/jobs/view.ts'
import { log } from '../../lib/log.ts'
import { anyMediaType, mediaType } from '../../lib/media-type.ts'
import { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'
import { StoreError, type ObjectInfo } from '../../platform/ports.ts'
import { httpFunction } from '../shared/http-function.ts'
import { advance, newActor, viewOf } from '../shared/jobs.ts'
import { limitsFor } from '../shared/quota.ts'
import { admit, confirm, confirmStored, type SizeCheck } from './admission.ts'
import { counted } from './counted.ts'
import { askedFor, expectSame, hasArrived } from './earlier.ts'
import { readUploadForm, type UploadForm } from './form.ts'

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

/** Streams a form's file into the source bucket, if it is not there already. */
async function uploadForm({ req, user }: UserCall): Promise<Answer> {
  const { id, earlier } = await askedFor(req, user.id)
  const length = announcedLength(req)
  const file = { bytes: Math.max(1, (length ?? 0) - formOverheadBytes), known: 'at least' } as const
  // A job that there is already counts already.
  const limits = await (earlier ? limitsFor(user.id) : admit(user.id, file))
  const form = await readUploadForm(req)
  const job = {
    owner: user.id,
    filename: checked(cleanFilename, form.filename),
    size: 0,
    // It goes into the headers of other requests; and what it says does not matter to anybody.
    contentType: mediaType.test(form.contentType) ? form.contentType : anyMediaType,
    options: checked(encodingOptions, numbers(form.fields)),
    reservedBytes: length ?? 0,
  }
  const actor = newActor('upload')
  const known = earlier ?? (await begin(id, job, 'form', actor))
  if (known) expectSame(known, { filename: job.filename, options: job.options })
  if (known?.uploadSession !== undefined)
    throw new Problem('CONFLICT', 'The job of this Idempotency-Key has an upload session.')
  const stored =
    known && hasArrived(known)
      ? undefined
      : await orDiscard(
          id,
          actor,
          async () =>
            receive(id, { ...form, contentType: job.contentType }, await confirm(id, file, limits), actor),
          hasArrived,
        )
  // Nobody needs the rest, but whoever sends it waits until it is gone.
  if (!stored) req.unpipe().resume()
  else if (length === undefined) await orDiscard(id, actor, () => confirmStored(user.id, stored.size))
  return { status: 202, body: await viewOf(id) }
}

function announcedLength(req: IncomingMessage): number | undefined {
  const header = bodyHeaders(req)['content-length']
  if (header !== undefined && Number(header) > mostBytes)
    throw new Problem('PAYLOAD_TOO_LARGE', `A video may have 5 TiB at most; ${header} bytes were announced.`)
  return header === undefined ? undefined : Number(header)
}

/** Stores a form's file; undefined where another request with the same key has been faster. */
async function receive(
  id: string,
  { file, contentType }: UploadForm,
  checkSize: SizeCheck,
  actor: Actor,
): Promise<ObjectInfo | undefined> {
  const objects = await platform().objects()
  const source = sourceOf(id)
  const body = counted(file, checkSize, {
    everySeconds: stillComingSeconds,
    onStillComing: () => stillComing(id, actor),
  })
  try {
    const info = await objects.write(source, body, { contentType, ifGenerationMatch: '0' })
    // The finalize event may have come first, and the conversion be over: that is no error.
    await advance(id, {
      type: 'uploaded',
      actor,
      source: { ...source, generation: info.generation, size: info.size },
    })
    return info
  } catch (error) {
    if (error instanceof StoreError && error.code === 'PRECONDITION_FAILED') return undefined
    throw error
  }
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
  const asked = await readJson(req, sessionRequest)
  const { size, contentType } = asked
  const { id, earlier } = await askedFor(req, user.id)
  if (earlier) return openedBefore(id, earlier, asked)
  const actor = newActor('upload')
  const file = { bytes: size, known: 'exactly' } as const
  const limits = await admit(user.id, file)
  const { origin } = req.headers
  const isOurs = origin !== undefined && config.ALLOWED_ORIGINS.includes(origin)
  const objects = await platform().objects()
  const uploadUrl = await objects.createUploadSession(sourceOf(id), {
    contentType,
    size,
    ...(isOurs && { origin }),
  })
  const job = { owner: user.id, ...asked, uploadSession: uploadUrl }
  const known = await begin(id, job, 'session', actor)
  if (known) {
    await objects.cancelUploadSession(uploadUrl)
    return openedBefore(id, known, asked)
  }
  await orDiscard(id, actor, () => confirm(id, file, limits))
  return opened(await viewOf(id), uploadUrl)
}

const opened = (job: JobView, uploadUrl: string): Answer => ({
  status: 201,
  body: { job, uploadUrl },
  headers: { Location: uploadUrl },
})

/** The session that an earlier request with the same key has opened. */
function openedBefore(id: string, job: Job, asked: z.output<typeof sessionRequest>): Answer {
  expectSame(job, asked)
  if (job.uploadSession === undefined)
    throw new Problem('CONFLICT', 'The job of this Idempotency-Key has its video already.')
  return opened(viewJob(id, job), job.uploadSession)
}

const sourceOf = (id: string): { bucket: string; name: string } => ({
  bucket: config.SOURCE_BUCKET,
  name: sourceName(id),
})

/**
 * Writes the job down before anybody can send its first byte: whatever arrives later belongs to somebody. Resolves to the job that
 * a request with the same key has begun meanwhile.
 */
async function begin(
  id: string,
  job: Omit<NewJob, 'source'>,
  kind: 'form' | 'session',
  actor: Actor,
): Promise<Job | undefined> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data, readAt } = await tx.get(jobs, id)
    if (!data) tx.create(jobs, id, beginJob({ ...job, source: sourceOf(id) }, kind, actor, readAt))
    return data
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

/** Where the upload is refused or breaks off, the job goes, and with it what may be stored, unless it may stay. */
async function orDiscard<T>(
  id: string,
  actor: Actor,
  work: () => Promise<T>,
  mayStay: (job: Job) => boolean = () => false,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await discard(id, actor, mayStay)
    throw error instanceof TransitionError ? new Problem('CONFLICT', error.message) : error
  }
}

/** It may be gone already, deleted by its owner. */
async function discard(id: string, actor: Actor, mayStay: (job: Job) => boolean): Promise<void> {
  try {
    await advance(id, (job) => (mayStay(job) ? undefined : { type: 'deleted', actor }))
  } catch (error) {
    if (!(error instanceof TransitionError))
      log.error('A job without its upload stays until sweep', error, { job: id })
  }
}

/** A form's fields are texts: those that are numbers become numbers. */
const numbers = (fields: Record<string, string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text]),
  )
