import { Readable } from 'node:stream'
import { readConfig } from '../../lib/config.ts'
import { jobs, type Actor, type Job } from '../../lib/jobs/job.ts'
import { partsPrefix } from '../../lib/jobs/names.ts'
import { TransitionError, type JobEvent } from '../../lib/jobs/event.ts'
import { log } from '../../lib/log.ts'
import { platform } from '../../platform/index.ts'
import { DeploymentError } from '../../platform/ports.ts'
import { advance } from '../shared/jobs.ts'
import { deleteByPrefix } from '../shared/objects.ts'
import { convert, mediaToEncode } from './convert.ts'
import { HandBack, startDeadline, TooLong } from './deadline.ts'
import { mostHeldBytes } from './headed-object.ts'
import { keepLease, LeaseLost } from './lease.ts'
import {
  MediaError,
  openInput,
  readBytes,
  readStructure,
  type Source,
  type Structure,
} from './media/index.ts'

const config = readConfig(['TARGET_BUCKET', 'LEASE_SECONDS', 'SOURCE_DAYS'])
const { LEASE_SECONDS: leaseSeconds, SOURCE_DAYS: sourceDays } = config

/** However long a deployment is wrong: once it is mended, jobs go on within this time. */
const longestPauseSeconds = 60 * 60

/** One attempt at a job, by one run of a function. */
interface Attempt {
  jobId: string
  job: Job
  actor: Actor
}

/** Runs a job's next attempt to its end, unless somebody else holds the job or it is over. */
export async function runJob(jobId: string, actor: Actor): Promise<void> {
  const records = await platform().records()
  const { data: job } = await records.get(jobs, jobId)
  if (job?.status !== 'ENQUEUED') return
  const attempt = { jobId, job, actor }
  let claimed = false
  try {
    const source = await openSource(job)
    const structure = await readStructure(source)
    claimed = await claim(attempt, structure)
    if (claimed) await work(attempt, source, structure)
  } catch (error) {
    await settle(attempt, error)
    // Without the claim, the parts of this attempt are those of whoever has it.
    if (claimed) await deleteByPrefix(config.TARGET_BUCKET, partsPrefix(jobId, job.attempt))
  }
}

/** Whether the job is this run's now: of several that try, one gets it. */
async function claim({ jobId, job, actor }: Attempt, structure: Structure): Promise<boolean> {
  const { attempt } = job
  const isAvi = structure.container === 'avi'
  const media = mediaToEncode(structure)
  try {
    await advance(jobId, { type: 'claimed', actor, attempt, isAvi, leaseSeconds, ...(media && { media }) })
    return true
  } catch (error) {
    if (error instanceof TransitionError) return false
    throw error
  }
}

async function work({ jobId, job, actor }: Attempt, source: Source, structure: Structure): Promise<void> {
  const stop = new AbortController()
  const lease = keepLease(jobId, job.attempt, actor, leaseSeconds, stop)
  const deadline = startDeadline(stop)
  try {
    const input = await openInput(source, structure, { signal: stop.signal })
    try {
      await convert({ jobId, job, actor, input, lease, deadline })
    } finally {
      await input.close()
    }
  } finally {
    deadline.end()
    await lease.end()
  }
}

async function openSource(job: Job): Promise<Source> {
  const objects = await platform().objects()
  const { bucket, name, generation } = job.source
  const found = await objects.stat({ bucket, name })
  if (!found || found.generation !== generation) {
    throw new MediaError('SOURCE_GONE', 'The uploaded video is no longer stored. Upload it again.')
  }
  const source: Source = {
    size: found.size,
    read: (start, end) => objects.read({ bucket, name }, { generation: found.generation, start, end }),
  }
  return found.size <= mostHeldBytes ? inMemory(source) : source
}

/** Reads a short source once, rather than for each of the ranges that are asked for. */
async function inMemory(source: Source): Promise<Source> {
  const bytes = await readBytes(source, 0, source.size - 1)
  return { size: source.size, read: async (start, end) => Readable.from([bytes.subarray(start, end + 1)]) }
}

/** What becomes of a job whose attempt has ended with an error. */
async function settle({ jobId, job, actor }: Attempt, error: unknown): Promise<void> {
  const { attempt } = job
  const context = { job: jobId, attempt }
  try {
    if (error instanceof TransitionError || error instanceof LeaseLost) throw error
    await advance(jobId, consequence(job, actor, error, context))
  } catch (refusal) {
    if (!(refusal instanceof TransitionError || refusal instanceof LeaseLost)) throw refusal
    log.info(`A worker stops: ${refusal.message}`, context)
  }
}

function consequence(
  { attempt, firstAttempt }: Job,
  actor: Actor,
  error: unknown,
  context: object,
): JobEvent {
  if (error instanceof MediaError || error instanceof TooLong) {
    const { code, message } = error
    return { type: 'failed', actor, attempt, code, message, sourceDays }
  }
  if (error instanceof HandBack) {
    log.info(`A job is handed back: ${error.message}`, { ...context })
    return { type: 'handedBack', actor, attempt, sourceDays, uncounted: !error.counts }
  }
  const wrong = deploymentErrorIn(error)
  if (wrong) {
    log.error('An attempt waits until the deployment is mended', wrong, { ...context })
    const pauseSeconds = Math.min(15 * 2 ** attempt, longestPauseSeconds)
    return { type: 'handedBack', actor, attempt, sourceDays, uncounted: true, pauseSeconds }
  }
  log.error('An attempt has failed; the job is tried again later', error, { ...context })
  // The more attempts have failed, the longer the job rests.
  return { type: 'handedBack', actor, attempt, sourceDays, pauseSeconds: 15 * 2 ** (attempt - firstAttempt) }
}

/** The deployment to blame for this error, however deep. */
const deploymentErrorIn = (error: unknown): DeploymentError | undefined => {
  if (error instanceof DeploymentError) return error
  return error instanceof Error ? deploymentErrorIn(error.cause) : undefined
}
