import { formatPlayingTime } from '../lib/format.ts'

export { formatBytes, formatPlayingTime } from '../lib/format.ts'

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** How long something took: `0.42 s`, `12.3 s`, from two minutes on as playing time. */
export const formatSeconds = (seconds: number): string =>
  seconds < 120 ? `${number.format(seconds)} s` : formatPlayingTime(seconds)

/** 0.4271 → `42 %`; never 100 before it is over. */
export const formatShare = (share: number): string => `${Math.floor(Math.min(Math.max(share, 0), 1) * 100)} %`

export const formatDateAndTime = (iso: string): string => dateAndTime.format(new Date(iso))

export const formatTimeOfDay = (iso: string): string => timeOfDay.format(new Date(iso))
