import { allOver } from '../shared/all-over.ts'
import { topicFunction } from '../shared/event-function.ts'
import { newActor } from '../shared/jobs.ts'
import { sweepDeliveries } from './deliveries.ts'
import { sweepJobs } from './jobs.ts'
import { sweepObjects } from './objects.ts'

topicFunction('sweep', async () => {
  // There may be many jobs to mend, and an error in one must not keep the other from its work.
  await allOver([sweepDeliveries(), sweepObjects(), sweepJobs(newActor('sweep'))])
})
