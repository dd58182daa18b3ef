/** An EBML element; its size in eight bytes, or what is said instead of it. */
export function element(id: number, content: Buffer, size: number | 'unknown' = content.length): Buffer {
  return Buffer.concat([idBytes(id), sizeBytes(size), content])
}

export const master = (id: number, ...parts: Buffer[]): Buffer => element(id, Buffer.concat(parts))

/** Elements of this kind, each in the one before. */
export function nestedIn(id: number, deep: number): Buffer {
  const header = idBytes(id).length + 8
  const heads = Array.from({ length: deep }, (_, depth) =>
    Buffer.concat([idBytes(id), sizeBytes(header * (deep - 1 - depth))]),
  )
  return Buffer.concat(heads)
}

export const text = (id: number, content: string): Buffer => element(id, Buffer.from(content))

export function uint(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return element(id, bytes)
}

export function float(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return element(id, bytes)
}

const idBytes = (id: number): Buffer => {
  const hex = id.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
}

function sizeBytes(size: number | 'unknown'): Buffer {
  if (size === 'unknown') return Buffer.from('01ffffffffffffff', 'hex')
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(size) | (1n << 56n))
  return bytes
}

export const ids = {
  ...{ ebml: 0x1a45dfa3, docType: 0x4282, segment: 0x18538067, info: 0x1549a966, duration: 0x4489 },
  ...{ timestampScale: 0x2ad7b1, segmentUid: 0x73a4, nextUid: 0x3eb923, nextFilename: 0x3e83bb },
  ...{ prevUid: 0x3cb923, prevFilename: 0x3c83ab, segmentFilename: 0x7384 },
  ...{ tracks: 0x1654ae6b, track: 0xae, number: 0xd7, uid: 0x73c5, type: 0x83, codec: 0x86 },
  ...{ audio: 0xe1, rate: 0xb5, channels: 0x9f, bits: 0x6264, video: 0xe0, width: 0xb0, height: 0xba },
  ...{ encodings: 0x6d80, encoding: 0x6240, compression: 0x5034, algorithm: 0x4254, settings: 0x4255 },
  ...{ cluster: 0x1f43b675, timestamp: 0xe7, block: 0xa3 },
  ...{ attachments: 0x1941a469, attached: 0x61a7, name: 0x466e, mime: 0x4660, data: 0x465c, fileUid: 0x46ae },
  ...{ chapters: 0x1043a770, edition: 0x45b9, ordered: 0x45dd, atom: 0xb6, atomUid: 0x73c4 },
  ...{ start: 0x91, end: 0x92, chapterSegment: 0x6e67 },
  ...{ cues: 0x1c53bb6b, cue: 0xbb, cueTime: 0xb3, positions: 0xb7, cueTrack: 0xf7, cuePosition: 0xf1 },
  ...{ seekHead: 0x114d9b74, seek: 0x4dbb, seekId: 0x53ab, seekPosition: 0x53ac },
  ...{ tags: 0x1254c367, tag: 0x7373, simpleTag: 0x67c8, tagName: 0x45a3, tagText: 0x4487 },
}

export const head = (docType = 'matroska'): Buffer => master(ids.ebml, text(ids.docType, docType))

export const info = (...more: Buffer[]): Buffer =>
  master(ids.info, uint(ids.timestampScale, 1_000_000), float(ids.duration, 1000), ...more)

/** A track of sound: 16 bits, one channel, 8 kHz. */
export const soundTrack = (number = 1, ...more: Buffer[]): Buffer =>
  master(
    ids.track,
    ...[uint(ids.number, number), uint(ids.uid, number), uint(ids.type, 2), text(ids.codec, 'A_PCM/INT/LIT')],
    master(ids.audio, float(ids.rate, 8000), uint(ids.channels, 1), uint(ids.bits, 16)),
    ...more,
  )

/** A track of sound as 32-bit floating-point numbers: one channel, 8 kHz. */
export const floatTrack = (): Buffer =>
  master(
    ids.track,
    ...[uint(ids.number, 1), uint(ids.uid, 1), uint(ids.type, 2), text(ids.codec, 'A_PCM/FLOAT/IEEE')],
    master(ids.audio, float(ids.rate, 8000), uint(ids.channels, 1), uint(ids.bits, 32)),
  )

/** A block of a track, `milliseconds` after its cluster's time. */
export const block = (content: Buffer, milliseconds = 0, track = 1): Buffer =>
  element(
    ids.block,
    Buffer.concat([Buffer.from([0x80 | track, milliseconds >> 8, milliseconds & 255, 0x80]), content]),
  )

export const cluster = (milliseconds: number, ...blocks: Buffer[]): Buffer =>
  master(ids.cluster, uint(ids.timestamp, milliseconds), ...blocks)

/** A second of noise, in blocks of a tenth. */
export const second = (): Buffer =>
  cluster(0, ...Array.from({ length: 10 }, (_, tenth) => block(noise(1600, tenth), tenth * 100)))

const noise = (bytes: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 37 + seed * 11) & 63))

/** A whole Matroska file with a second of sound, and more in its segment. */
export const matroska = (...more: Buffer[]): Buffer =>
  Buffer.concat([head(), master(ids.segment, info(), master(ids.tracks, soundTrack()), ...more, second())])
