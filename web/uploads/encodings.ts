import { useState } from 'preact/hooks'
import type { EncodingOptions } from '../../lib/jobs/job.ts'
import { keep, kept } from '../kept.ts'
import type { uploadsText } from './text.ts'

/** One way to make an MP3, as it can be chosen. */
export interface Encoding {
  key: string
  label: (text: (typeof uploadsText)['en']) => string
  options: EncodingOptions
}

export const automatic: Encoding = {
  key: '',
  label: ({ automatic: name }) => name,
  options: {},
}

export const constantBitrates = [320, 256, 192, 160, 128, 96, 64].map((bitrate): Encoding => ({
  key: `bitrate ${bitrate}`,
  label: () => `${bitrate} kbit/s`,
  options: { bitrate },
}))

export const variableBitrates = Array.from({ length: 10 }, (_, quality): Encoding => ({
  key: `quality ${quality}`,
  label: ({ variableName }) => variableName(quality),
  options: { quality },
}))

/** The encoding of this key; the automatic one where there is none. */
export const encodingOf = (key: string): Encoding =>
  [...constantBitrates, ...variableBitrates].find((encoding) => encoding.key === key) ?? automatic

/** The encoding that has these options. */
export const encodingFor = (options: EncodingOptions): Encoding =>
  encodingOf(
    options.bitrate !== undefined
      ? `bitrate ${options.bitrate}`
      : options.quality !== undefined
        ? `quality ${options.quality}`
        : automatic.key,
  )

const storageKey = 'tapedeck.encoding'

/** The one for the files that are added next, as it was chosen here last. */
export function useKeptEncoding(): [Encoding, (chosen: Encoding) => void] {
  const [encoding, setEncoding] = useState(() => encodingOf(kept(storageKey) ?? automatic.key))
  const choose = (chosen: Encoding): void => {
    keep(storageKey, chosen === automatic ? undefined : chosen.key)
    setEncoding(chosen)
  }
  return [encoding, choose]
}
