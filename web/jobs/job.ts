import type { StoredObject } from '../../lib/jobs/job.ts'
import type { DeletedJobView, JobView } from '../../lib/jobs/view.ts'

export type JobChange = JobView | DeletedJobView

export const isOver = ({ status }: JobView): boolean => status === 'MP3_COMPLETED' || status === 'FAILED'

/** Whether its uploaded video is there. */
export const isStored = ({ source }: JobView): boolean => source.generation !== undefined && !source.gone

/** Whether another try may end otherwise: nothing was found wrong with the video. */
const isWorthRetrying = ({ error }: JobView): boolean => error?.code === 'GAVE_UP'

export const canRetry = (job: JobView): boolean =>
  job.status === 'FAILED' && isStored(job) && isWorthRetrying(job)

/** The MP4 that was made of an AVI; undefined where there is none. */
export const mp4Of = ({ video }: JobView): StoredObject | undefined =>
  video && 'skipped' in video ? undefined : video
