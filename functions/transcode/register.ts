import { finalizeFunction, topicFunction } from '../shared/event-function.ts'
import { newActor } from '../shared/jobs.ts'
import { acceptObject } from './accept.ts'
import { runJob } from './run.ts'

finalizeFunction('transcode', async (object) => {
  const actor = newActor('transcode')
  const jobId = await acceptObject(object, actor)
  if (jobId !== undefined) await runJob(jobId, actor)
})

topicFunction('work', async ({ jobId }) => {
  if (jobId !== undefined) await runJob(jobId, newActor('work'))
})
