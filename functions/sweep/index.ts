import { topicFunction } from '../shared/event-function.ts'
import { newActor } from '../shared/jobs.ts'
import { sweepJobs } from './jobs.ts'

topicFunction('sweep', async () => sweepJobs(newActor('sweep')))
