import { formatBytes as formatBytesInEnglish, formatPlayingTime } from '../lib/format.ts'
import { language } from './i18n/language.ts'

export { formatPlayingTime } from '../lib/format.ts'

/** `792 bytes`, `1.5 GB`: but for bytes, the units are the same in both languages. */
export const formatBytes = (bytes: number): string =>
  bytes < 1000 && language.get() === 'ko' ? `${bytes}바이트` : formatBytesInEnglish(bytes)

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** How long something took: `0.42 s`, `12.3 s`, from two minutes on as playing time. */
export const formatSeconds = (seconds: number): string =>
  seconds < 120 ? `${number.format(seconds)} s` : formatPlayingTime(seconds)

/** 0.4271 → `42 %`; never 100 before it is over. */
export const formatShare = (share: number): string => `${Math.floor(Math.min(Math.max(share, 0), 1) * 100)} %`

export const formatDateAndTime = (iso: string): string =>
  new Date(iso).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'medium' })

export const formatDate = (iso: string): string =>
  new Date(iso).toLocaleDateString(locale(), { dateStyle: 'medium' })

/** `14:05` of today, `3 Feb` of this year, `3 Feb 2025`. */
export function formatDateCompactly(iso: string, now = new Date()): string {
  const date = new Date(iso)
  if (date.toDateString() === now.toDateString())
    return date.toLocaleTimeString(locale(), { timeStyle: 'short' })
  if (date.getFullYear() !== now.getFullYear()) return formatDate(iso)
  return date.toLocaleDateString(locale(), { month: 'short', day: 'numeric' })
}

export const formatTimeOfDay = (iso: string): string =>
  new Date(iso).toLocaleTimeString(locale(), { timeStyle: 'medium' })

/** The page's language, as it is written where the browser's owner lives. */
const locale = (): string =>
  navigator.languages.find((tag) => tag.split('-')[0] === language.get() && isLanguageTag(tag)) ??
  language.get()

/** Browsers pass on what the system calls its language, which may be `en-US@posix`. */
function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0
  } catch {
    return false
  }
}
