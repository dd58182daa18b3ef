import type { JobView, VisibleStatus } from '../../lib/jobs/view.ts'

/** Which jobs are asked for. */
export interface Query {
  status?: VisibleStatus
  /** How the file's name begins; '' for any. */
  filename: string
}

export const everything: Query = { filename: '' }

export const isEverything = ({ status, filename }: Query): boolean => status === undefined && filename === ''

/** As the API reads it. */
export const matches = ({ status, filename }: Query, job: JobView): boolean =>
  (status === undefined || job.status === status) && job.filename.startsWith(filename)
