import type { EncodingOptions } from '../../lib/jobs/job.ts'

/** One way to make an MP3, as it can be chosen. */
export interface Encoding {
  key: string
  label: string
  options: EncodingOptions
}

export const automatic: Encoding = {
  key: '',
  label: 'Automatic (keep MP3, else 192 kbit/s)',
  options: {},
}

export const constantBitrates = [320, 256, 192, 160, 128, 96, 64].map((bitrate): Encoding => ({
  key: `bitrate ${bitrate}`,
  label: `${bitrate} kbit/s`,
  options: { bitrate },
}))

const qualityNotes: Record<number, string> = {
  0: ' (best)',
  2: ' (very good)',
  4: ' (good)',
  9: ' (smallest)',
}

export const variableBitrates = Array.from({ length: 10 }, (_, quality): Encoding => ({
  key: `quality ${quality}`,
  label: `V${quality}${qualityNotes[quality] ?? ''}`,
  options: { quality },
}))

/** The encoding of this key; the automatic one where there is none. */
export const encodingOf = (key: string): Encoding =>
  [...constantBitrates, ...variableBitrates].find((encoding) => encoding.key === key) ?? automatic
