import { setMaxListeners } from 'node:events'
import { throwUnlessEnded } from '../exit.ts'
import { startFfmpeg } from '../ffmpeg.ts'
import type { Findings } from '../frame-run.ts'
import { FfmpegLog } from '../log.ts'
import type { Frame } from '../mp3/frames.ts'
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
  const pool = new EncoderPool(() => new PieceEncoder(sound.options, format, signal), sound.cores)
  const due: Promise<Frame[]>[] = []
  const encode = async (piece: Piece): Promise<void> => {
    const { frames } = await pool.encode(piece)
    frames.catch(() => {}) // Whoever waits for it hears of it.
    due.push(frames)
  }
  const decoding = decode({ ...sound, signal })
  try {
    let decoded = await decoding.next()
    for (; !decoded.done; decoded = await decoding.next()) {
      for (const piece of cutter.push(decoded.value)) {
        await encode(piece)
        sound.onSeconds((cutter.bytes / frameBytes) * (format.samplesPerFrame / format.sampleRate))
      }
      // What was made early must not fill the memory.
      while (due.length > 4 * sound.cores.count) yield await nextOf(due)
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

const nextOf = async (due: Promise<Frame[]>[]): Promise<Frame[]> => (await due.shift()) ?? []

/** The sound as the encoders take it: interleaved 32-bit floating-point samples. */
async function* decode({ input, first, signal }: Sound): AsyncGenerator<Buffer, Findings> {
  const { sampleRate, channels } = frameFormat(first)
  const log = new FfmpegLog()
  const { stdout, exit, stop } = await startFfmpeg({
    input,
    signal,
    outputOptions: [
      ...['-map', '0:a:0', '-ar', String(sampleRate), '-ac', String(channels)],
      ...['-c:a', 'pcm_f32le', '-f', 'f32le'],
    ],
    onLine: (line) => log.read(line),
  })
  try {
    for await (const chunk of stdout) yield chunk as Buffer
  } finally {
    if (!stdout.readableEnded) await stop()
  }
  const { code } = throwUnlessEnded(await exit, log)
  if (!log.opened) throw new Error(`ffmpeg could not begin: ${log.lastErrors.join('; ')}`)
  return { log, errors: log.errors + (code === 0 ? 0 : 1) }
}
