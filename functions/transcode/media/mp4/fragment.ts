import { child, childrenOf } from './boxes.ts'

export interface Sample {
  /** In the track's timescale, as all times. */
  duration: number
  /** Bytes. */
  size: number
  /** How much later than it is decoded it is shown. */
  compositionOffset: number
  /** Whether decoding can begin here. */
  isSync: boolean
}

/** Samples of one track that lie one behind the other. */
export interface Run {
  track: number
  /** When the first of them is decoded. */
  decodeTime: number
  /** Where in the stream they begin. */
  start: number
  samples: Iterable<Sample>
}

// ISO/IEC 14496-12, 8.8.7 and 8.8.8: a flag for each field that there is.
const tfhd = { defaultDuration: 0x8, defaultSize: 0x10, defaultFlags: 0x20, baseIsMoof: 0x20000 }
const trun = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, offset: 0x800 }
const isNoSyncSample = 0x10000

// Of the many ways to describe a fragment, ffmpeg takes this one.
const expectedFields = tfhd.defaultDuration | tfhd.defaultSize | tfhd.defaultFlags | tfhd.baseIsMoof

/** What is in the fragment whose moof box begins at `start`. Throws if it is described otherwise than ffmpeg does. */
export function* readFragment(moof: Buffer, start: number): Generator<Run> {
  for (const fragment of childrenOf(child(moof, 'moof'), 'traf')) {
    const header = new Fields(child(fragment, 'tfhd'))
    if (header.flags !== expectedFields) throw new Error(`The fields ${header.flags} of a tfhd box are new.`)
    const track = header.next()
    const defaults = { duration: header.next(), size: header.next(), flags: header.next() }
    const [run, ...others] = childrenOf(fragment, 'trun')
    if (!run || others.length > 0) throw new Error('A fragment has not exactly one run of samples a track.')
    const fields = new Fields(run)
    if (!(fields.flags & trun.dataOffset)) throw new Error('A run of samples does not say where it begins.')
    const count = fields.next()
    const decodeTime = Number(child(fragment, 'tfdt').readBigUInt64BE(4))
    yield { track, decodeTime, start: start + fields.next(), samples: readSamples(fields, count, defaults) }
  }
}

function* readSamples(
  fields: Fields,
  count: number,
  defaults: { duration: number; size: number; flags: number },
): Generator<Sample> {
  const has = (flag: number): boolean => (fields.flags & flag) !== 0
  const firstFlags = has(trun.firstFlags) ? fields.next() : defaults.flags
  for (let index = 0; index < count; index++) {
    const duration = has(trun.duration) ? fields.next() : defaults.duration
    const size = has(trun.size) ? fields.next() : defaults.size
    const otherwise = index === 0 ? firstFlags : defaults.flags
    const flags = has(trun.flags) ? fields.next() : otherwise
    const offset = has(trun.offset) ? fields.next() : 0
    // From version 1 on it is signed.
    const compositionOffset = fields.version === 0 ? offset : offset | 0
    yield { duration, size, compositionOffset, isSync: (flags & isNoSyncSample) === 0 }
  }
}

/** The 32-bit fields of a box that begins with its version and flags, one after the other. Throws at its end. */
class Fields {
  readonly version: number
  readonly flags: number
  readonly #bytes: Buffer
  #at = 4

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.version = bytes.readUInt8(0)
    this.flags = bytes.readUIntBE(1, 3)
  }

  next(): number {
    const field = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return field
  }
}
