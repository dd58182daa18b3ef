import type { Media } from './probe.ts'

/** The most bytes that `riffSize` looks at. */
export const riffHeaderBytes = 12

/**
 * Bytes of the RIFF chunk ("AVI ", or one of the "AVIX" that an OpenDML file continues with) that begins with `header`, the
 * eight bytes of its header included; undefined if it is none, or was never finished and does not say.
 */
export function riffSize(header: Buffer): number | undefined {
  if (header.length < riffHeaderBytes || header.toString('latin1', 0, 4) !== 'RIFF') return undefined
  if (!['AVI ', 'AVIX'].includes(header.toString('latin1', 8, 12))) return undefined
  const size = header.readUInt32LE(4)
  if (size <= 4 || size === 0xffffffff) return undefined
  return 8 + size + (size % 2)
}

// Of FOURCCs there are hundreds; these are the ones that one meets.
const videoCodecs: Record<string, string> = {
  ...{ XVID: 'mpeg4', DIVX: 'mpeg4', DX50: 'mpeg4', FMP4: 'mpeg4', MP4V: 'mpeg4' },
  ...{ H264: 'h264', X264: 'h264', AVC1: 'h264', MJPG: 'mjpeg' },
}
const waveFormatMp3 = 0x55

/** How long the first audio stream says it is, in seconds, from the beginning of an AVI; undefined if it does not say. */
export function aviAudioSeconds(head: Buffer): number | undefined {
  const streams = streamHeaders(head)
  const audio = streams.find(({ type }) => type === 'auds')?.seconds
  const video = streams.find(({ type }) => type === 'vids')?.seconds
  // Audio lengths are often given in a wrong unit, far too large. The video's are reliable: sound does not outlast it by much.
  return audio && video ? Math.min(audio, video) : audio || undefined
}

/** What is in an AVI with MP3 sound and pictures of a usual kind; undefined for all others. */
export function aviMedia(head: Buffer): Omit<Media, 'container'> | undefined {
  const streams = streamHeaders(head)
  const audio = streams.find(({ type }) => type === 'auds')?.format
  const video = streams.find(({ type }) => type === 'vids')
  if (!audio || audio.length < 8 || audio.readUInt16LE(0) !== waveFormatMp3 || !video) return undefined
  const videoCodec = videoCodecs[video.format.toString('latin1', 16, 20).toUpperCase()]
  const channels = audio.readUInt16LE(2)
  const sampleRate = audio.readUInt32LE(4)
  if (videoCodec === undefined || channels < 1 || channels > 2 || sampleRate < 8000) return undefined
  return { audioCodec: 'mp3', sampleRate, channels, durationSeconds: video.seconds, videoCodec }
}

interface StreamHeader {
  type: string
  seconds: number
  /** Its strf chunk. */
  format: Buffer
}

function streamHeaders(head: Buffer): StreamHeader[] {
  const streams: StreamHeader[] = []
  let at = 12
  while (at + 8 <= head.length) {
    const id = head.toString('latin1', at, at + 4)
    const size = head.readUInt32LE(at + 4)
    if (id === 'LIST') {
      const list = head.toString('latin1', at + 8, at + 12)
      if (list === 'movi') break
      // Header lists hold the stream headers: go in. Others: step over.
      if (list === 'hdrl' || list === 'strl') {
        at += 12
        continue
      }
    }
    if (id === 'strh' && at + 44 <= head.length) {
      const scale = head.readUInt32LE(at + 28)
      const rate = head.readUInt32LE(at + 32)
      const length = head.readUInt32LE(at + 40)
      streams.push({
        type: head.toString('latin1', at + 8, at + 12),
        seconds: rate ? (length * scale) / rate : 0,
        format: Buffer.alloc(0),
      })
    }
    const last = streams.at(-1)
    if (id === 'strf' && last) last.format = head.subarray(at + 8, at + 8 + size)
    at += 8 + size + (size % 2)
  }
  return streams
}
