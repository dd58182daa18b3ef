/** A RIFF chunk, padded to an even length. */
export function chunk(id: string, content: Buffer, size = content.length): Buffer {
  const header = Buffer.alloc(8)
  header.write(id, 'latin1')
  header.writeUInt32LE(size, 4)
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)])
}

export const list = (type: string, ...chunks: Buffer[]): Buffer =>
  chunk('LIST', Buffer.concat([Buffer.from(type, 'latin1'), ...chunks]))

/** 32-bit numbers as AVI holds them. */
export function littleWords(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, 4 * index)
  return bytes
}

interface Stream {
  type: 'auds' | 'vids' | 'txts'
  handler?: string
  format: Buffer
  /** In units of `scale / rate` seconds. */
  length?: number
  rate?: number
  sampleSize?: number
}

const streamList = ({
  type,
  handler,
  format,
  length = 8000,
  rate = 8000,
  sampleSize = 1,
}: Stream): Buffer => {
  const fourCc = Buffer.from((handler ?? '').padEnd(4, '\0'), 'latin1')
  const numbers = littleWords(0, 0, 0, 1, rate, 0, length, 0, 0xffffffff, sampleSize, 0, 0)
  const header = Buffer.concat([Buffer.from(type), fourCc, numbers])
  return list('strl', chunk('strh', header), chunk('strf', format))
}

export interface AviParts {
  streams: Stream[]
  /** The chunks of the `movi` list. */
  movie: Buffer[]
  /** Of `idx1`. */
  index?: Buffer
  width?: number
  height?: number
}

/** An AVI, from nothing. */
export function avi({ streams, movie, index, width = 16, height = 16 }: AviParts): Buffer {
  const main = littleWords(
    100_000,
    0,
    0,
    index ? 0x110 : 0,
    10,
    0,
    streams.length,
    0,
    width,
    height,
    0,
    0,
    0,
    0,
  )
  const header = list('hdrl', chunk('avih', main), ...streams.map(streamList))
  const parts = [header, list('movi', ...movie), ...(index ? [chunk('idx1', index)] : [])]
  return chunk('RIFF', Buffer.concat([Buffer.from('AVI '), ...parts]))
}

/** The description of sound of one channel, eight bits and 8 kHz. */
export const pcmFormat = (sampleRate = 8000, channels = 1): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(1, 0)
  bytes.writeUInt16LE(channels, 2)
  bytes.writeUInt32LE(sampleRate, 4)
  bytes.writeUInt32LE(sampleRate, 8)
  bytes.writeUInt16LE(channels, 12)
  bytes.writeUInt16LE(8, 14)
  return bytes
}

/** The description of pictures (BITMAPINFOHEADER). */
export function pictureFormat(codec: string, width = 16, height = 16): Buffer {
  const bytes = littleWords(40, width, height, 0x180001, 0, 0, 0, 0, 0, 0)
  bytes.write(codec, 16, 'latin1')
  return bytes
}
