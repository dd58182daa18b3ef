import { child, children, type Child } from './boxes.ts'

export interface Sound {
  /** ffmpeg's name. */
  audioCodec: string
  /** Hz. */
  sampleRate: number
  channels: number
}

// ISO/IEC 14496-1, 7.2.6.6: objectTypeIndication.
const mpeg4Video = 0x20
const mpeg4Audio = 0x40
// ISO/IEC 14496-3, 1.6.3: the first numbers of samplingFrequencyIndex. Below these rates a file may hold twice what it says
// (HE-AAC), which only shows when it is decoded.
const sampleRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000]
const aacLowComplexity = 2

const videoCodecs: Record<string, string> = {
  avc1: 'h264',
  avc3: 'h264',
  hvc1: 'hevc',
  hev1: 'hevc',
  vp09: 'vp9',
  av01: 'av1',
}

/** The sound that a sample table (stbl) describes, if it is plain AAC (low complexity), of which nothing else has to be known. */
export function plainAac(sampleTable: Buffer): Sound | undefined {
  const entry = onlyEntry(sampleTable)
  if (entry?.type !== 'mp4a') return undefined
  // QuickTime's version 1 has four more fields, and the descriptor in a box of its own.
  const quickTime = entry.content.length > 10 && entry.content.readUInt16BE(8) === 1
  const inside = entry.content.subarray(quickTime ? 44 : 28)
  const config = decoderConfig(child(quickTime ? child(inside, 'wave') : inside, 'esds'))
  if (config?.objectType !== mpeg4Audio || config.specific.length < 2) return undefined
  const bits = config.specific.readUInt16BE(0)
  const sampleRate = sampleRates[(bits >> 7) & 15]
  const layout = (bits >> 3) & 15
  if (bits >> 11 !== aacLowComplexity || sampleRate === undefined || layout < 1 || layout > 7)
    return undefined
  return { audioCodec: 'aac', sampleRate, channels: layout === 7 ? 8 : layout }
}

/** ffmpeg's name of the codec that a sample table (stbl) of pictures describes; undefined if it is none of the usual. */
export function usualVideoCodec(sampleTable: Buffer): string | undefined {
  const entry = onlyEntry(sampleTable)
  if (entry?.type !== 'mp4v') return entry && videoCodecs[entry.type]
  return decoderConfig(child(entry.content.subarray(78), 'esds'))?.objectType === mpeg4Video
    ? 'mpeg4'
    : undefined
}

function onlyEntry(sampleTable: Buffer): Child | undefined {
  const entries = children(child(sampleTable, 'stsd').subarray(8))
  const first = entries.next()
  return first.done || !entries.next().done ? undefined : first.value
}

/** The DecoderConfigDescriptor in an esds box, with what is specific to its decoder. */
function decoderConfig(esds: Buffer): { objectType: number; specific: Buffer } | undefined {
  const stream = descriptor(esds.subarray(4), 0x03)
  // The flags tell of fields that nobody uses in files.
  if (!stream || stream.length < 3 || (stream[2] ?? 0) & 0xe0) return undefined
  const config = descriptor(stream.subarray(3), 0x04)
  const objectType = config?.[0]
  const specific = config && descriptor(config.subarray(13), 0x05)
  return objectType === undefined || !specific ? undefined : { objectType, specific }
}

/** The content of the descriptor with which `bytes` begin, if it has this tag: after it stands its size, seven bits to a byte. */
function descriptor(bytes: Buffer, tag: number): Buffer | undefined {
  if (bytes[0] !== tag) return undefined
  let size = 0
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at] ?? 0
    size = size * 128 + (byte & 127)
    if (byte < 128) return bytes.subarray(at + 1, at + 1 + size)
  }
  return undefined
}
