import { readConfig } from '../../lib/config.ts'
import { jobs, type Actor, type Job } from '../../lib/jobs/job.ts'
import { partsPrefix } from '../../lib/jobs/names.ts'
import { TransitionError } from '../../lib/jobs/transition.ts'
import { log } from '../../lib/log.ts'
import { platform } from '../../platform/index.ts'
import { advance } from '../shared/jobs.ts'
import { deleteByPrefix } from '../shared/objects.ts'
import { convert } from './convert.ts'
import { HandBack, startDeadline, TooLong } from './deadline.ts'
import { keepLease, LeaseLost } from './lease.ts'
import { MediaError, openInput, readStructure, type Source } from './media/index.ts'

const config = readConfig(['TARGET_BUCKET', 'LEASE_SECONDS', 'SOURCE_DAYS'])
const { LEASE_SECONDS: leaseSeconds, SOURCE_DAYS: sourceDays } = config

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
  try {
    await claimAndConvert(attempt)
  } catch (error) {
    await settle(attempt, error)
  }
}

async function claimAndConvert({ jobId, job, actor }: Attempt): Promise<void> {
  const source = await openSource(job)
  const structure = await readStructure(source)
  const { attempt } = job
  await advance(jobId, { type: 'claimed', actor, attempt, isAvi: structure.container === 'avi', leaseSeconds })
  const stop = new AbortController()
  const lease = keepLease(jobId, attempt, actor, leaseSeconds, stop)
  const deadline = startDeadline(stop)
  const input = await openInput(source, structure, { signal: stop.signal })
  try {
    await convert({ jobId, job, actor, input, lease, deadline })
  } finally {
    deadline.end()
    await Promise.all([input.close(), lease.end()])
  }
}

async function openSource(job: Job): Promise<Source> {
  const objects = await platform().objects()
  const { bucket, name, generation } = job.source
  const found = await objects.stat({ bucket, name })
  if (!found || found.generation !== generation) {
    throw new MediaError('SOURCE_GONE', 'The uploaded video is no longer stored. Upload it again.')
  }
  return {
    size: found.size,
    read: (start, end) => objects.read({ bucket, name }, { generation: found.generation, start, end }),
  }
}

/** How long a job rests after an attempt that a fault of ours has ended: the longer, the more of them there were. */
const pauseSeconds = ({ attempt, firstAttempt }: Job): number => 15 * 2 ** (attempt - firstAttempt)

/** What becomes of a job whose attempt has ended with an error. */
async function settle({ jobId, job, actor }: Attempt, error: unknown): Promise<void> {
  const { attempt } = job
  const context = { job: jobId, attempt }
  if (error instanceof TransitionError || error instanceof LeaseLost) {
    log.info(`A worker stops: ${error.message}`, context)
    return
  }
  await deleteByPrefix(config.TARGET_BUCKET, partsPrefix(jobId, attempt))
  if (error instanceof MediaError || error instanceof TooLong) {
    const { code, message } = error
    log.info(`A job fails: ${message}`, { ...context, code })
    await advance(jobId, { type: 'failed', actor, attempt, code, message, sourceDays })
  } else if (error instanceof HandBack) {
    log.info(`A job is handed back: ${error.message}`, context)
    await advance(jobId, { type: 'handedBack', actor, attempt, sourceDays })
  } else {
    log.error('An attempt has failed; the job is tried again later', error, context)
    await advance(jobId, { type: 'handedBack', actor, attempt, sourceDays, pauseSeconds: pauseSeconds(job) })
  }
}
