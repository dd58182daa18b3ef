import type { JobView, VisibleStatus } from '../../lib/jobs/view.ts'

/** Which jobs are asked for. */
export interface Query {
  /** Not only one's own: for administrators. */
  isEverybodys: boolean
  status?: VisibleStatus
  /** A part of the file's name; '' for any. */
  filename: string
}

export const everything: Query = { isEverybodys: false, filename: '' }

/** Whether it leaves out nothing but what is somebody else's. */
export const isEverything = ({ status, filename }: Query): boolean => status === undefined && filename === ''

interface Known {
  /** All jobs there are are known. */
  isWhole: boolean
  /** Who asks; undefined until the server has told. */
  self: string | undefined
}

/**
 * Which jobs are those that are asked for. As long as only a part of all is known, names are compared as the API does it: as
 * theirs that are not known yet.
 */
export function matcher(query: Query, { isWhole, self }: Known): (job: JobView) => boolean {
  const { isEverybodys, status } = query
  const isNamedSo = isWhole ? containing(query.filename) : beginningWith(query.filename)
  return (job) =>
    (isEverybodys || self === undefined || job.owner === self) &&
    (status === undefined || job.status === status) &&
    isNamedSo(job.filename)
}

function beginningWith(text: string): (name: string) => boolean {
  const wanted = text.normalize('NFC')
  return (name) => name.startsWith(wanted)
}

function containing(text: string): (name: string) => boolean {
  if (text === '') return () => true
  const wanted = folded(text)
  return (name) => folded(name).includes(wanted)
}

/** Without case, and taken apart: while a Korean syllable is being typed, its beginning finds it already. */
const folded = (text: string): string => text.toLowerCase().normalize('NFD')
