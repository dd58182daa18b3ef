import type { Answer } from '../../lib/http/answer.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { jobs } from '../../lib/jobs/job.ts'
import { viewWholeJob } from '../../lib/jobs/view.ts'
import { TransitionError } from '../../lib/jobs/event.ts'
import { Problem } from '../../lib/problems.ts'
import { whyNoPlace } from '../../lib/quota.ts'
import { platform } from '../../platform/index.ts'
import { httpFunction } from '../shared/http-function.ts'
import { advance, findJob, newActor, viewOf } from '../shared/jobs.ts'
import { limitsFor, unfinishedJobs } from '../shared/quota.ts'
import { listDeliveries } from './deliveries.ts'
import { streamAll, streamOne } from './events.ts'
import { listJobs } from './list.ts'

httpFunction('status', [
  { method: 'GET', path: '/', access: 'user', handle: listJobs },
  { method: 'GET', path: '/health', access: 'anyone', handle: health },
  { method: 'GET', path: '/events', access: 'user', handle: streamAll },
  { method: 'GET', path: '/:id', access: 'user', handle: show },
  { method: 'GET', path: '/:id/events', access: 'user', handle: streamOne },
  { method: 'DELETE', path: '/:id', access: 'user', handle: remove },
  { method: 'POST', path: '/:id/retry', access: 'user', handle: retry },
  { method: 'GET', path: '/:id/deliveries', access: 'user', handle: listDeliveries },
])

/** Whether there is anybody to answer, who can read the records. What fails is answered as everywhere. */
async function health(): Promise<Answer> {
  const records = await platform().records()
  const { readAt } = await records.get(jobs, 'health')
  return { status: 200, body: { status: 'ok', at: readAt } }
}

const idOf = (call: UserCall): string => call.params['id'] ?? ''

async function show(call: UserCall): Promise<Answer> {
  const id = idOf(call)
  return { status: 200, body: viewWholeJob(id, await findJob(id, call.user)) }
}

async function remove(call: UserCall): Promise<Answer> {
  const id = idOf(call)
  await findJob(id, call.user)
  await advance(id, { type: 'deleted', actor: newActor('status') })
  return { status: 204 }
}

async function retry(call: UserCall): Promise<Answer> {
  const id = idOf(call)
  const job = await findJob(id, call.user)
  if (job.status === 'FAILED') {
    if (job.sourceGone || job.source.generation === undefined)
      throw new Problem(
        'SOURCE_GONE',
        'The video that this job was made for is no longer stored: upload it again.',
      )
    const problem = whyNoPlace(await limitsFor(job.owner), await unfinishedJobs(job.owner))
    if (problem) throw problem
  }
  try {
    await advance(id, { type: 'retried', actor: newActor('status') })
  } catch (error) {
    if (error instanceof TransitionError)
      throw new Problem('CONFLICT', `Only a failed job can be retried. ${error.message}`)
    throw error
  }
  return { status: 202, body: await viewOf(id) }
}
