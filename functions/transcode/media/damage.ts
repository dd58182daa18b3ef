import type { JobWarningCode } from '../../../lib/problems.ts'
import { MediaError } from './media-error.ts'

export interface Warning {
  code: JobWarningCode
  message: string
}

export interface Outcome {
  decodedSeconds: number
  /** How long the sound should be; undefined if nothing says. */
  promisedSeconds: number | undefined
  /** Whether a shorter sound proves that some was lost. Elsewhere a track may rightly pause, or end before the video. */
  firmPromise: boolean
  /** Whether the end of the file is missing. */
  truncated: boolean
  /** How many things were found wrong on the way. */
  errors: number
}

const neededShare = 0.9
// Codecs' own delays, containers that count in whole blocks, and bitrates that are only nearly what they are called make good
// files differ this much from their promise.
const roundingSeconds = 0.1
const roundingShare = 0.005

/**
 * What an MP3 needs said of it, given how much of the sound it has. Throws MediaError TRUNCATED or CORRUPT if a tenth or more
 * was lost.
 */
export function assess({
  decodedSeconds,
  promisedSeconds,
  firmPromise,
  truncated,
  errors,
}: Outcome): Warning[] {
  const lostSeconds = promisedSeconds === undefined ? 0 : promisedSeconds - decodedSeconds
  const lostSome = lostSeconds > roundingSeconds
  const lostTooMuch =
    decodedSeconds === 0 ||
    (promisedSeconds !== undefined && lostSome && decodedSeconds < neededShare * promisedSeconds)
  const shortened = firmPromise && lostSeconds > roundingSeconds + roundingShare * decodedSeconds
  const of = promisedSeconds === undefined ? '' : ` of ${formatSeconds(promisedSeconds)}`
  const there = `${formatSeconds(decodedSeconds)}${of} of sound`

  if (lostTooMuch && truncated)
    throw new MediaError(
      'TRUNCATED',
      `The file is not complete: it has only ${there}. Upload it again, whole.`,
    )
  if (lostTooMuch && (errors > 0 || shortened || decodedSeconds === 0))
    throw new MediaError('CORRUPT', `The file is damaged: only ${there} can be decoded.`)
  if (truncated && (lostSome || promisedSeconds === undefined))
    return [{ code: 'TRUNCATED', message: `The end of the file is missing: the MP3 has ${there}.` }]
  if (!truncated && (errors > 0 || shortened))
    return [
      { code: 'DAMAGED', message: `The file is damaged in places: the MP3 has ${there}, and may have gaps.` },
    ]
  return []
}

/** `1:02:03.4` for 3723.4. */
function formatSeconds(seconds: number): string {
  const tenths = Math.round(seconds * 10)
  const minutes = Math.floor(tenths / 600)
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  if (minutes < 60) return `${minutes}:${rest}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}
