import { topicFunction } from '../shared/event-function.ts'
import { newActor } from '../shared/jobs.ts'
import { sweepDeliveries } from './deliveries.ts'
import { sweepJobs } from './jobs.ts'

topicFunction('sweep', async () => {
  await sweepJobs(newActor('sweep'))
  await sweepDeliveries()
})
