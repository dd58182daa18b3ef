import type { OwnLimits, OwnLimitsChange } from '../../lib/quota.ts'
import { formatBytes } from '../../lib/format.ts'

export const limitNames = ['storedBytes', 'jobs', 'fileBytes'] as const
export type LimitName = (typeof limitNames)[number]

/** A limit of an account's own as it is being typed. */
export interface Draft {
  choice: 'default' | 'unlimited' | 'own'
  /** What there is at most, which may be no number yet. */
  most: string
}
export type Drafts = Record<LimitName, Draft>

export type Mistake = 'noSize' | 'noCount'

export const draftsOf = (limits: OwnLimits = {}): Drafts => ({
  storedBytes: draftOf(limits.storedBytes, sizeText),
  jobs: draftOf(limits.jobs, String),
  fileBytes: draftOf(limits.fileBytes, sizeText),
})

function draftOf(limit: number | 'unlimited' | undefined, textOf: (limit: number) => string): Draft {
  if (limit === undefined) return { choice: 'default', most: '' }
  return limit === 'unlimited' ? { choice: limit, most: '' } : { choice: 'own', most: textOf(limit) }
}

/** To the byte, where the usual text would say another size. */
const sizeText = (bytes: number): string =>
  sizeOf(formatBytes(bytes)) === bytes ? formatBytes(bytes) : `${bytes} bytes`

const powers: Partial<Record<string, number>> = {
  byte: 0,
  bytes: 0,
  b: 0,
  바이트: 0,
  kb: 1,
  mb: 2,
  gb: 3,
  tb: 4,
}

/** What a text such as `1.5 TB` says, in bytes. */
function sizeOf(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) *([a-z바이트]+)$/i.exec(text.trim()) ?? []
  const power = powers[unit.toLowerCase()]
  return power === undefined ? undefined : wholeNumber(Math.round(Number(amount) * 1000 ** power))
}

const countOf = (text: string): number | undefined =>
  /^\d+$/.test(text.trim()) ? wholeNumber(Number(text)) : undefined

const wholeNumber = (value: number): number | undefined =>
  Number.isSafeInteger(value) && value > 0 ? value : undefined

const mostOf = (name: LimitName, { most }: Draft): number | undefined =>
  name === 'jobs' ? countOf(most) : sizeOf(most)

/** What the server would refuse of a limit. */
export function mistakeIn(name: LimitName, draft: Draft): Mistake | undefined {
  if (draft.choice !== 'own' || mostOf(name, draft) !== undefined) return undefined
  return name === 'jobs' ? 'noCount' : 'noSize'
}

/** What is to be asked of the server; there must be no mistake. */
export function changeOf(drafts: Drafts): OwnLimitsChange {
  const limitOf = (name: LimitName): number | 'unlimited' | null | undefined => {
    const draft = drafts[name]
    if (draft.choice === 'own') return mostOf(name, draft)
    return draft.choice === 'unlimited' ? 'unlimited' : null
  }
  return { storedBytes: limitOf('storedBytes'), jobs: limitOf('jobs'), fileBytes: limitOf('fileBytes') }
}
