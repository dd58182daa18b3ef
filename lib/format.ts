const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const units = ['kB', 'MB', 'GB', 'TB']

/** Bytes in decimal units: 1234567 → `1.23 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  return `${number.format(bytes / 1000 ** power)} ${units[power - 1] ?? ''}`
}

/** A length of time as players show it: 205 → `3:25`, 3725 → `1:02:05`. */
export function formatPlayingTime(seconds: number): string {
  const whole = Math.round(seconds)
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'))
  const hours = Math.floor(whole / 3600)
  return hours > 0 ? [hours, ...parts].join(':') : parts.join(':').replace(/^0/, '')
}
