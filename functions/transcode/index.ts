import './media/look-for-ffmpeg.ts'
import { finalizeFunction, topicFunction } from '../shared/event-function.ts'
import { newActor } from '../shared/jobs.ts'
import { acceptObject } from './accept.ts'
import { findFfmpeg } from './media/index.ts'
import { runJob } from './run.ts'

// A transcoder without ffmpeg must not start: it would use up the attempts of every job that it gets.
await findFfmpeg()

finalizeFunction('transcode', async (object) => {
  const actor = newActor('transcode')
  const jobId = await acceptObject(object, actor)
  if (jobId !== undefined) await runJob(jobId, actor)
})

topicFunction('work', async ({ jobId }) => {
  if (jobId !== undefined) await runJob(jobId, newActor('work'))
})
