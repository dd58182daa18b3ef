import { formatBytes } from './format.ts'
import { Problem } from './problems.ts'

/** What one account may have; a limit that is missing does not hold. */
export interface Limits {
  /** Bytes of everything that is stored for it: videos, MP4s and MP3s. */
  storedBytes?: number
  /** Jobs at once that are not over. */
  jobs?: number
  /** Bytes of one uploaded file. */
  fileBytes?: number
}

/** What an account has of that now. */
export interface Usage {
  storedBytes: number
  jobs: number
}

type LimitName = keyof Limits
const limitNames: readonly LimitName[] = ['storedBytes', 'jobs', 'fileBytes']

/** What an administrator has set for one account in place of the defaults. */
export type OwnLimits = { [name in LimitName]?: number | 'unlimited' }

/** A change of them; null goes back to the default. */
export type OwnLimitsChange = { [name in LimitName]?: number | 'unlimited' | null | undefined }

/** The limits that hold for an account. */
export function limitsOf(defaults: Limits, own: OwnLimits = {}): Limits {
  const limits: Limits = {}
  for (const name of limitNames) {
    const limit = own[name] ?? defaults[name]
    if (limit !== undefined && limit !== 'unlimited') limits[name] = limit
  }
  return limits
}

/** An account's own limits after a change, which says nothing of those that stay; undefined where none is left. */
export function withChange(own: OwnLimits = {}, change: OwnLimitsChange): OwnLimits | undefined {
  const changed: OwnLimits = {}
  for (const name of limitNames) {
    const limit = change[name] === undefined ? own[name] : change[name]
    if (limit !== undefined && limit !== null) changed[name] = limit
  }
  return Object.keys(changed).length > 0 ? changed : undefined
}

/** How well a file's size is known. */
export type Known = 'exactly' | 'at least'

/** FILE_TOO_LARGE where a file of so many bytes is larger than one may be. */
export function whyTooLarge({ fileBytes }: Limits, bytes: number, known: Known): Problem | undefined {
  if (fileBytes === undefined || bytes <= fileBytes) return undefined
  const [size, limit] = apart(bytes, fileBytes)
  return new Problem(
    'FILE_TOO_LARGE',
    `The video has ${atLeast(known)}${size}; your account may upload files of at most ${limit}.`,
  )
}

/** STORAGE_QUOTA_EXCEEDED where so many bytes more do not fit to those that are stored. */
export function whyNoRoom(
  { storedBytes }: Limits,
  used: number,
  more: number,
  known: Known = 'exactly',
): Problem | undefined {
  if (storedBytes === undefined || used + more <= storedBytes) return undefined
  const stored = `You have stored ${formatBytes(used)} of ${formatBytes(storedBytes)}`
  return new Problem(
    'STORAGE_QUOTA_EXCEEDED',
    `${stored}; this video needs ${atLeast(known)}${formatBytes(more)} more. Delete files that you no longer need, or ask an administrator for more room.`,
  )
}

const retrySeconds = 10

/** TOO_MANY_JOBS where an account that has so many unfinished jobs may have no further one. */
export function whyNoPlace({ jobs }: Limits, unfinished: number): Problem | undefined {
  if (jobs === undefined || unfinished < jobs) return undefined
  const count = unfinished === 1 ? '1 unfinished job' : `${unfinished} unfinished jobs`
  return new Problem(
    'TOO_MANY_JOBS',
    `This account has ${count}, and may have ${jobs} at once. Wait until one has ended, or delete one: uploads that were not finished count, too.`,
    { headers: { 'Retry-After': String(retrySeconds) } },
  )
}

const atLeast = (known: Known): string => (known === 'exactly' ? '' : 'at least ')

/** Two sizes for people; to the byte where they would look the same. */
function apart(one: number, other: number): [string, string] {
  const [first, second] = [formatBytes(one), formatBytes(other)]
  if (first !== second) return [first, second]
  return [`${one.toLocaleString('en')} bytes`, `${other.toLocaleString('en')} bytes`]
}
