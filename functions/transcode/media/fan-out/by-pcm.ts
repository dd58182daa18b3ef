import { setMaxListeners } from 'node:events'
import { FfmpegLog } from '../log.ts'
import type { Frame } from '../mp3/frames.ts'
import { runForBytes, type Findings } from '../output-run.ts'
import { EncoderPool } from './encoder-pool.ts'
import { PcmCutter, type Piece } from './pcm-pieces.ts'
import { PieceEncoder } from './piece-encoder.ts'
import { frameFormat, pcmFrameBytes, type Sound } from './sound.ts'

export interface Split extends Findings {
  /** Per channel, of the whole sound. */
  samples: number
}

/**
 * Decodes the sound once, from its beginning, and hands it in pieces to encoders: one, and more while cores are free. Yields the
 * frames in order, from frame number `first` on.
 */
export async function* encodeByPcm(sound: Sound, first = 0): AsyncGenerator<Frame[], Split> {
  const stop = new AbortController()
  const signal = AbortSignal.any([sound.signal, stop.signal])
  setMaxListeners(0, signal)
  const format = frameFormat(sound.first)
  const frameBytes = pcmFrameBytes(format)
  const cutter = new PcmCutter(frameBytes, first)
  const pool = new EncoderPool(
    () => new PieceEncoder(sound.options, format, signal, sound.input.bounds),
    sound.cores,
  )
  const due: Due[] = []
  const encode = async (piece: Piece): Promise<void> => void due.push(new Due(await pool.encode(piece)))
  const decoding = decode({ ...sound, signal })
  try {
    let decoded = await decoding.next()
    for (; !decoded.done; decoded = await decoding.next()) {
      for (const piece of cutter.push(decoded.value)) {
        await encode(piece)
        sound.onSeconds((cutter.bytes / frameBytes) * (format.samplesPerFrame / format.sampleRate))
      }
      // Not waited for: an encoder gives the last frames of a piece only when it has got more.
      while (due[0]?.isSettled) yield await nextOf(due)
    }
    const rest = cutter.end()
    if (rest) await encode(rest)
    const ended = pool.end()
    while (due.length > 0) yield await nextOf(due)
    await ended
    const samples = (cutter.bytes / frameBytes) * format.samplesPerFrame
    return { ...decoded.value, samples }
  } finally {
    stop.abort(new Error('The sound is not needed any more'))
    await decoding.return({ log: new FfmpegLog(), errors: 0 })
    await pool.end()
  }
}

/** The frames of a piece that was handed to an encoder. */
class Due {
  readonly frames: Promise<Frame[]>
  isSettled = false

  constructor({ frames }: { frames: Promise<Frame[]> }) {
    this.frames = frames
    const settle = (): void => void (this.isSettled = true)
    frames.then(settle, settle) // Whoever waits for it hears of an error.
  }
}

const nextOf = async (due: Due[]): Promise<Frame[]> => (await due.shift()?.frames) ?? []

/** The sound as the encoders take it: interleaved 32-bit floating-point samples. */
function decode({ input, first, signal }: Sound): AsyncGenerator<Buffer, Findings> {
  const { sampleRate, channels } = frameFormat(first)
  const format = ['-ar', String(sampleRate), '-ac', String(channels), '-c:a', 'pcm_f32le', '-f', 'f32le']
  return runForBytes({ input, signal, outputOptions: ['-map', '0:a:0', ...format] })
}
