import type { DeletedJobView, JobView } from '../../lib/jobs/view.ts'

export type JobChange = JobView | DeletedJobView

export const isOver = ({ status }: JobView): boolean => status === 'MP3_COMPLETED' || status === 'FAILED'

/** Its video is still stored, so that there is something to try again with. */
export const canRetry = ({ status, source }: JobView): boolean =>
  status === 'FAILED' && source.generation !== undefined && !source.gone
