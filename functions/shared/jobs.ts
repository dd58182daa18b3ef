import { randomUUID } from 'node:crypto'
import type { FunctionName } from '../../lib/functions.ts'
import { jobs, type Actor, type Job } from '../../lib/jobs/job.ts'
import { TransitionError, type JobEvent } from '../../lib/jobs/event.ts'
import { transition } from '../../lib/jobs/transition.ts'
import { isJobId } from '../../lib/jobs/names.ts'
import { viewJob, type JobView } from '../../lib/jobs/view.ts'
import type { User } from '../../lib/http/router.ts'
import { log } from '../../lib/log.ts'
import { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'
import { followFiles } from './tiered-objects.ts'

const process = randomUUID().slice(0, 8)
let runs = 0

/** A name for one run of a function: unlike any other run's, on this instance or another. */
export const newActor = (name: FunctionName): Actor => ({ function: name, instance: `${process}-${++runs}` })

/**
 * Lets something happen to a job, in one transaction, then publishes what the job owes. `decide` sees the job as it is and
 * may say that nothing happens. Returns whether the job changed; throws TransitionError where it cannot happen.
 */
export async function advance(
  id: string,
  decide: JobEvent | ((job: Job, now: Date) => JobEvent | undefined),
): Promise<boolean> {
  const records = await platform().records()
  const outcome = await records.transact(async (tx) => {
    const { data: job, readAt } = await tx.get(jobs, id)
    if (!job) throw new TransitionError('deleted', 'The job does not exist any more.')
    const event = typeof decide === 'function' ? decide(job, readAt) : decide
    const next = event && transition(job, event, readAt)
    if (!event || !next || next === job) return undefined
    const follow = await followFiles(tx, id, job, next, readAt)
    tx.set(jobs, id, next)
    follow()
    return { before: job.status, next, actor: event.actor }
  })
  if (!outcome) return false
  const { before, next, actor } = outcome
  // Alerts count this line, by its code.
  if (next.status === 'FAILED' && before !== 'FAILED') {
    const { code, message } = next.error ?? {}
    log.warning('A job has failed', { job: id, attempt: next.attempt, code, detail: message })
  }
  if (next.outbox.length > 0) await publishOutbox(id, next.outbox, actor)
  return true
}

/** Publishes what a job owes and takes it off its books. What fails here is made up for by sweep. */
export async function publishOutbox(id: string, outbox: Job['outbox'], actor: Actor): Promise<void> {
  try {
    const bus = await platform().bus()
    for (const { topic, data } of outbox) await bus.publish(topic, { ...data, jobId: id })
    await advance(id, { type: 'published', actor, messages: outbox })
  } catch (error) {
    log.error('Messages of a job stay unpublished until sweep', error, { job: id })
  }
}

/** A job as the API shows it. */
export async function viewOf(id: string): Promise<JobView> {
  const records = await platform().records()
  const { data } = await records.get(jobs, id)
  if (!data) throw noJob(id)
  return viewJob(id, data)
}

/** A job that this user may see: their own, or an admin any. Throws NOT_FOUND, for somebody else's and deleted ones too. */
export async function findJob(id: string, user: User): Promise<Job> {
  if (!isJobId(id)) throw noJob(id)
  const records = await platform().records()
  const { data } = await records.get(jobs, id)
  const isVisible = data && data.status !== 'DELETED' && (data.owner === user.id || user.role === 'admin')
  if (!isVisible) throw noJob(id)
  return data
}

const noJob = (id: string): Problem => new Problem('NOT_FOUND', `There is no job ${JSON.stringify(id)}.`)
