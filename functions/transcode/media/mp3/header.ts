import { crc16 } from './crc16.ts'
import { bitratesOf, frameSize, parseFrameHeader, type FrameHeader } from './frames.ts'
import type { Tally } from './tally.ts'

export interface Gapless {
  /**
   * Who made the frames, at most nine ASCII characters. Players drop a decoder's own 529 samples as well as `delay` only
   * if it begins with the name of an encoder that they know.
   */
  encoder: string
  /** Samples that the encoder put before the sound (without the decoder's 529), and after it. Below 4096. */
  delay: number
  padding: number
  /** 0–9 of variable bitrate; absent: constant bitrate, or unknown. */
  quality?: number
}

const xingSize = 120
const lameSize = 36

/**
 * The frame that goes before the frames in `tally`: a silent one that carries the Xing table (number of frames, bytes, seek
 * table) and LAME's extension (delay, padding, checksums), as http://gabriel.mp3-tech.org/mp3infotag.html describes them.
 */
export function headerFrame(tally: Tally, { encoder, delay, padding, quality }: Gapless): Buffer {
  if (!tally.first) throw new Error('An MP3 without frames has no header')
  const constant = tally.lowestBitrate === tally.highestBitrate
  const word = headerWord(tally.first.header, tally.first.word, constant)
  const word4 = Buffer.alloc(4)
  word4.writeUInt32BE(word)
  const own = parseFrameHeader(word4)
  if (!own) throw new Error(`No frame header: 0x${word.toString(16)}`)

  const frame = Buffer.alloc(own.size)
  const totalBytes = own.size + tally.bytes
  const percents = Array.from({ length: 100 }, (_, percent) => percent)
  const seekTable = tally
    .positions(percents)
    .map((position) => Math.floor(((own.size + position) * 256) / totalBytes))

  let at = word4.copy(frame) + own.sideInfoSize
  at += frame.write(constant ? 'Info' : 'Xing', at, 'latin1')
  at = frame.writeUInt32BE(0b1111, at) // frames, bytes, seek table and quality follow
  at = frame.writeUInt32BE(tally.frames, at)
  at = frame.writeUInt32BE(clamp(totalBytes, 0xffffffff), at)
  at += Buffer.from(seekTable).copy(frame, at)
  at = frame.writeUInt32BE(quality === undefined ? 0 : 100 - 10 * quality, at)

  frame.write(encoder, at, 9, 'latin1')
  at += 9
  at = frame.writeUInt8(constant ? 1 : quality === undefined ? 0 : 4, at) // 1: constant; 4: variable; 0: unknown
  at += 9 // lowpass (1), peak (4), gains (2 + 2): not known
  at = frame.writeUInt8(0, at)
  at = frame.writeUInt8(clamp(tally.lowestBitrate, 255), at)
  at = frame.writeUIntBE((delay << 12) | padding, at, 3)
  at = frame.writeUInt8((sampleRateCode(own) << 6) | (stereoMode(own, word) << 2), at)
  at += 3 // gain (1), preset (2): none
  at = frame.writeUInt32BE(clamp(totalBytes, 0xffffffff), at)
  at = frame.writeUInt16BE(tally.crc, at)
  frame.writeUInt16BE(crc16(frame.subarray(0, at)), at)
  return frame
}

/**
 * The first frame's header word, made into one of a frame without checksum and padding that is large enough for the tables:
 * at the stream's own bitrate if that is constant and suffices, else at the lowest that does.
 */
function headerWord(header: FrameHeader, word: number, constant: boolean): number {
  const needed = 4 + header.sideInfoSize + xingSize + lameSize
  const bitrates = bitratesOf(header.version)
  const large = bitrates.filter((bitrate) => frameSize(header, bitrate) >= needed)
  const bitrate = constant && large.includes(header.bitrate) ? header.bitrate : large[0]
  const index = bitrate === undefined ? -1 : bitrates.indexOf(bitrate)
  const unprotected = 1 << 16
  return ((word & 0xffff0dcf) | unprotected | ((index + 1) << 12)) >>> 0
}

/** LAME's code for the channel mode: 0 mono, 1 stereo, 2 dual channel, 3 joint stereo. */
function stereoMode({ channels }: FrameHeader, word: number): number {
  if (channels === 1) return 0
  return [1, 3, 2][(word >>> 6) & 3] ?? 1
}

/** LAME's code for the sample rate: 0 up to 32 kHz, 1 for 44.1, 2 for 48. */
const sampleRateCode = ({ sampleRate }: FrameHeader): number => ({ 44100: 1, 48000: 2 })[sampleRate] ?? 0

const clamp = (value: number, highest: number): number => Math.min(value, highest)
