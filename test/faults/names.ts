import { isJobId, jobOfSource } from '../../lib/jobs/names.ts'

/** The job whose source, MP3, MP4 or part an object of this name is; undefined for any other object. */
export function jobOf(object: string): string | undefined {
  const id =
    jobOfSource(object) ?? /^(?:parts\/)?(?<id>[0-9a-f-]{36})(?:\/|\.mp[34]$)/.exec(object)?.groups?.['id']
  return id !== undefined && isJobId(id) ? id : undefined
}
