import assert from 'node:assert/strict'

/** Everything that the beginning of an MP3 says, read independently of the code that wrote it. */
export interface ParsedMp3 {
  tags: Record<string, string>
  kind: string
  sampleRate: number
  channelMode: number
  frames: number
  bytes: number
  seekTable: number[]
  quality: number
  encoder: string
  method: number
  bitrate: number
  delay: number
  padding: number
  misc: number
  musicLength: number
  musicCrc: number
  tagCrc: number
  /** The checksum that the tag should have. */
  expectedTagCrc: number
  /** The frame with the tables, and all that comes after it. */
  table: Buffer
  music: Buffer
}

export function parseMp3(file: Buffer): ParsedMp3 {
  const tags = parseTags(file)
  const start = 10 + tags.size
  const [, second = 0, third = 0, fourth = 0] = file.subarray(start)
  assert.equal(file[start], 0xff)
  assert.equal(second & 0b11100111, 0b11100011, 'layer III without checksum')
  const version = (second >> 3) & 3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const base = [44100, 48000, 32000][(third >> 2) & 3] ?? 0
  const sampleRate = base / ({ 3: 1, 2: 2, 0: 4 }[version] ?? 0)
  const mono = fourth >> 6 === 3
  const sideInfo = version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17
  const rates =
    version === 3
      ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
      : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
  const rate = rates[(third >> 4) - 1] ?? 0
  const size = Math.floor(((version === 3 ? 144_000 : 72_000) * rate) / sampleRate)
  const table = file.subarray(start, start + size)
  assert.ok(
    table.subarray(4, 4 + sideInfo).every((byte) => byte === 0),
    'the frame is silent',
  )
  const xing = table.subarray(4 + sideInfo)
  assert.equal(xing.readUInt32BE(4), 15, 'all four tables are there')
  const lame = xing.subarray(120)
  const gaps = lame.readUIntBE(21, 3)
  return {
    tags: tags.texts,
    kind: xing.toString('latin1', 0, 4),
    sampleRate,
    channelMode: fourth >> 6,
    frames: xing.readUInt32BE(8),
    bytes: xing.readUInt32BE(12),
    seekTable: [...xing.subarray(16, 116)],
    quality: xing.readUInt32BE(116),
    encoder: lame.toString('latin1', 0, 9).replace(/\0+$/, ''),
    method: lame.readUInt8(9),
    bitrate: lame.readUInt8(20),
    delay: gaps >> 12,
    padding: gaps & 0xfff,
    misc: lame.readUInt8(24),
    musicLength: lame.readUInt32BE(28),
    musicCrc: lame.readUInt16BE(32),
    tagCrc: lame.readUInt16BE(34),
    expectedTagCrc: bitwiseCrc(table.subarray(0, 4 + sideInfo + 120 + 34)),
    table,
    music: file.subarray(start + size),
  }
}

function parseTags(file: Buffer): { texts: Record<string, string>; size: number } {
  assert.equal(file.toString('latin1', 0, 3), 'ID3')
  assert.deepEqual([...file.subarray(3, 6)], [3, 0, 0])
  const [a = 0, b = 0, c = 0, d = 0] = file.subarray(6, 10)
  assert.ok([a, b, c, d].every((byte) => byte < 128))
  const size = a * 2 ** 21 + b * 2 ** 14 + c * 2 ** 7 + d
  const texts: Record<string, string> = {}
  for (let at = 10; at < 10 + size;) {
    const length = file.readUInt32BE(at + 4)
    const content = file.subarray(at + 10, at + 10 + length)
    assert.equal(content[0], 1, 'UTF-16')
    texts[file.toString('latin1', at, at + 4)] = new TextDecoder('utf-16le').decode(content.subarray(1))
    at += 10 + length
  }
  return { texts, size }
}

/** CRC-16/ARC, one bit at a time. */
export function bitwiseCrc(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
