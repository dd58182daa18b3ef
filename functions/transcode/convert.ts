import * as z from 'zod'
import { readConfig } from '../../lib/config.ts'
import type { Actor, Job, Media, Mp3, StoredObject, Warning } from '../../lib/jobs/job.ts'
import { mp3Name, mp4Name, partsPrefix } from '../../lib/jobs/names.ts'
import { log } from '../../lib/log.ts'
import { jobWarningCodes } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'
import { type ObjectInfo, type ObjectStore } from '../../platform/ports.ts'
import { advance } from '../shared/jobs.ts'
import { deleteByPrefix } from '../shared/objects.ts'
import type { Deadline } from './deadline.ts'
import type { Lease } from './lease.ts'
import { headedObject } from './headed-object.ts'
import {
  encodeMp3,
  MediaError,
  probe,
  probeByDecoding,
  remuxToMp4,
  sharedCores,
  type Input,
  type Probed,
  type Structure,
} from './media/index.ts'

const { TARGET_BUCKET, SOURCE_DAYS } = readConfig(['TARGET_BUCKET', 'SOURCE_DAYS'])

export interface Conversion {
  jobId: string
  job: Job
  actor: Actor
  input: Input
  lease: Lease
  deadline: Deadline
}

/** What a video's structure says of it, where that is all there is to do before its sound is encoded. */
export const mediaToEncode = ({ container, media }: Structure): Media | undefined =>
  media && container !== 'avi' ? { container, ...media } : undefined

/** Takes a claimed job through its steps: AVI to MP4, then MP3. What an earlier attempt has finished is taken over. */
export async function convert(conversion: Conversion): Promise<void> {
  const { jobId, job, actor, input, lease, deadline } = conversion
  const { attempt } = job
  const objects = await platform().objects()
  const finished = await objects.stat({ bucket: TARGET_BUCKET, name: mp3Name(jobId) })
  const probed = await probe(input)
  const { mp3Skip: _, ...media } = probed
  const isAvi = input.container === 'avi'
  let step: Step = isAvi ? 'MP4' : 'MP3'
  const stop = new AbortController()
  const making: Making = {
    ...conversion,
    objects,
    media: probed,
    input: { ...input, signal: AbortSignal.any([input.signal, stop.signal]) },
    onProgress(of, fraction) {
      if (of !== step) return
      lease.progress(fraction)
      if (of === 'MP3') deadline.expect(fraction)
    },
  }
  let mp3: Promise<Result> | undefined
  const makeOrFindMp3 = (): Promise<Result> =>
    (mp3 ??= finished ? readResult(finished, jobId) : makeMp3(making))
  try {
    if (isAvi) {
      const mp4 = onOneCore(() => makeMp4(making))
      // Nothing of the MP3 depends on the MP4: where another core is free, it is begun beside it.
      if (sharedCores.hasFree) makeOrFindMp3().catch(() => {})
      const video = await mp4
      lease.progress(0)
      step = 'MP3'
      await advance(jobId, { type: 'remuxed', actor, attempt, video })
    }
    // Else the claim has said so.
    if (!mediaToEncode(input)) await advance(jobId, { type: 'encoding', actor, attempt, media })
    const result = await makeOrFindMp3()
    input.signal.throwIfAborted()
    await advance(jobId, { type: 'completed', actor, attempt, ...result, sourceDays: SOURCE_DAYS })
    // Its own parts are gone; those of earlier attempts have waited until none of these can be alive.
    if (attempt > 1) await deleteByPrefix(TARGET_BUCKET, partsPrefix(jobId))
  } finally {
    stop.abort(new Error('The conversion has ended'))
    await mp3?.catch(() => {})
  }
}

type Step = 'MP4' | 'MP3'

/** What MP4 and MP3 are made from. */
interface Making extends Conversion {
  objects: ObjectStore
  media: Probed
  onProgress: (of: Step, fraction: number) => void
}

async function onOneCore<T>(work: () => Promise<T>): Promise<T> {
  const release = sharedCores.take()
  try {
    return await work()
  } finally {
    release()
  }
}

/** The head says where everything in the body is. */
async function makeMp4(making: Making): Promise<StoredObject | { skipped: string }> {
  const { objects, jobId, job, input, media } = making
  const object = { bucket: TARGET_BUCKET, name: mp4Name(jobId) }
  const earlier = await objects.stat(object)
  if (earlier) return storedObject(earlier)
  const mp4 = headedObject(objects, object, `${partsPrefix(jobId, job.attempt)}mp4-`)
  const onProgress = (fraction: number): void => making.onProgress('MP4', fraction)
  const remuxed = await remuxToMp4(input, media, { onProgress }, mp4.store)
  if ('skipped' in remuxed) return remuxed
  if ('headless' in remuxed) log.warning('An MP4 stays in fragments', { job: jobId, why: remuxed.headless })
  const head = 'head' in remuxed ? remuxed.head : []
  input.signal.throwIfAborted()
  const options = { contentType: 'video/mp4', metadata: { job: jobId }, ifGenerationMatch: '0' }
  const created = await createOrFind(objects, object, input.signal, () => mp4.create(head, options))
  // Nobody shall have to find room for them until the MP3 is done.
  await mp4.removeParts()
  return storedObject(created)
}

interface Result {
  target: Mp3
  warnings: Warning[]
}

/** The header counts the frames. */
async function makeMp3(making: Making): Promise<Result> {
  const { objects, jobId, job, input, media } = making
  const onProgress = (fraction: number): void => making.onProgress('MP3', fraction)
  const request = { options: job.options, filename: job.filename, onProgress }
  const object = { bucket: TARGET_BUCKET, name: mp3Name(jobId) }
  const stored = headedObject(objects, object, `${partsPrefix(jobId, job.attempt)}mp3-`)
  const mp3 = await encodeMp3(input, media, request, stored.store).catch((error: unknown) =>
    explainBy(input, error),
  )
  const { header, ...findings } = mp3
  const result = JSON.stringify(findings)
  input.signal.throwIfAborted()
  const options = {
    contentType: 'audio/mpeg',
    metadata: { job: jobId, result },
    ifGenerationMatch: '0',
  }
  const created = await createOrFind(objects, object, input.signal, () => stored.create([header], options))
  // Before the job is over, since nobody comes back for them.
  await stored.removeParts()
  return readResult(created, jobId)
}

/** Where the structure was believed what it says, ffmpeg may know better why there is no MP3. Throws, always. */
async function explainBy(input: Input, error: unknown): Promise<never> {
  if (input.media && !(error instanceof MediaError) && !input.signal.aborted) await probeByDecoding(input)
  throw error
}

/**
 * Creates an object that is there already if an earlier attempt, thought dead, has created it, or if the answer to this one was
 * lost: then its work is as good. How a refusal to replace it looks depends on what the function's account may do.
 */
async function createOrFind(
  objects: ObjectStore,
  object: { bucket: string; name: string },
  signal: AbortSignal,
  create: () => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  try {
    return await create()
  } catch (error) {
    const found = signal.aborted ? undefined : await objects.stat(object).catch(() => undefined)
    if (!found) throw error
    return found
  }
}

const resultMetadata = z.object({
  durationSeconds: z.number(),
  samples: z.number(),
  bitrate: z.number(),
  copied: z.boolean(),
  waveform: z.string().optional(),
  warnings: z.array(z.object({ code: z.enum(jobWarningCodes), message: z.string() })),
})

/** What the MP3's own metadata says of it, so that whoever finds it can finish the job. */
async function readResult(mp3: ObjectInfo, jobId: string): Promise<Result> {
  if (mp3.metadata['job'] !== jobId)
    throw new Error(`${mp3.name} is not this job's: its metadata does not name it.`)
  const { warnings, ...facts } = resultMetadata.parse(JSON.parse(mp3.metadata['result'] ?? ''))
  return { target: { ...storedObject(mp3), ...facts }, warnings }
}

const storedObject = ({ bucket, name, generation, size }: ObjectInfo): StoredObject => ({
  bucket,
  name,
  generation,
  size,
})
