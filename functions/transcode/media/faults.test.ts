import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { before, describe, it } from 'node:test'
import { encodeMp3, type Mp3 } from './encode.ts'
import type { Input } from './input.ts'
import { MediaError } from './media-error.ts'
import { probe, probeByDecoding } from './probe.ts'
import { remuxToMp4 } from './remux.ts'
import type { Source } from './source.ts'
import { ffmpegsReading, sourceOf, tone, video, withInput, pictures } from './testing.ts'

const encode = async (
  input: Input,
  store = async (frames: AsyncIterable<Buffer>): Promise<unknown> => Array.fromAsync(frames),
): Promise<Mp3> => encodeMp3(input, await probe(input), { options: {}, filename: 'a' }, store)

/** The source, but reads that reach `limit` get no further: `brake` says what happens there. */
const braked = (bytes: Buffer, limit: number, brake: () => void): Source & { broken: boolean } => {
  const source = {
    size: bytes.length,
    broken: true,
    read: async (start: number, end: number) => {
      if (!source.broken || end < limit) return sourceOf(bytes).read(start, end)
      const pieces = async function* () {
        for (let at = start; at < limit; at += 10_000) yield bytes.subarray(at, Math.min(at + 10_000, limit))
        brake()
        await new Promise<void>((resolve) => stuck.push(resolve))
      }
      return Readable.from(pieces())
    },
  }
  return source
}
const stuck: (() => void)[] = []

describe('a source that fails', { concurrency: true }, () => {
  let bytes: Buffer
  before(async () => {
    bytes = await video('source.mkv', [...tone(20), '-c:a', 'pcm_s16le'])
  })

  it('for a moment is mended: the MP3 is the same', async () => {
    const whole = await withInput(sourceOf(bytes), (input) => encode(input))
    const source = braked(bytes, bytes.length / 2, () => {
      source.broken = false
      throw new Error('connection reset')
    })
    const mended = await withInput(source, (input) => encode(input))
    assert.equal(source.broken, false, 'it did fail')
    assert.deepEqual(mended, whole)
  })

  for (const [how, brake] of [
    [
      'with an error',
      () => {
        throw new Error('connection reset')
      },
    ],
    ['by falling silent', () => {}],
  ] as const)
    it(`for ever, ${how}, is no fault of the video: the run can be tried again`, async () => {
      let stored = false
      const run = withInput(braked(bytes, bytes.length / 2, brake), (input) =>
        encode(input, async (frames) => {
          await Array.fromAsync(frames)
          stored = true
        }),
      )
      await assert.rejects(run, (error) => !(error instanceof MediaError) && /source/.test(String(error)))
      assert.equal(stored, false, 'half an MP3 was stored')
    })

  it('before anything is known of it throws its error', async () => {
    const source: Source = { size: 1000, read: async () => Promise.reject(new Error('no access')) }
    await assert.rejects(withInput(source, probe), /^Error: no access$/)
  })
})

describe('cancelling', { concurrency: true }, () => {
  const reason = new Error('the job was deleted')
  let bytes: Buffer
  let avi: Buffer
  before(async () => {
    bytes = await video('long.mkv', [...tone(60), '-c:a', 'pcm_s16le'])
    avi = await video('long.avi', [...tone(60), ...pictures(60), '-c:v', 'mjpeg', '-c:a', 'pcm_s16le'])
  })

  /** Runs `work` on a source and cancels once ffmpeg has read some of it and can get no more. */
  const cancelled = async (source: Buffer, work: (input: Input) => Promise<unknown>): Promise<void> => {
    const cancel = new AbortController()
    let url = ''
    let running = ''
    const cancelIt = async () => {
      running = await ffmpegsReading(url)
      cancel.abort(reason)
    }
    const halted = braked(source, Math.floor(source.length / 2), () => void cancelIt())
    const run = withInput(
      halted,
      async (input) => {
        ;({ url } = input)
        await work({ ...input })
      },
      cancel.signal,
    )
    await assert.rejects(run, reason)
    assert.match(running, /ffmpeg/, 'it was running')
    assert.equal(await ffmpegsReading(url), '', 'it is still running')
    await assert.rejects(fetch(url), 'the server is still there')
  }

  it('the encoding kills ffmpeg and rejects with the reason', () => cancelled(bytes, encode))

  it('the remuxing kills ffmpeg and rejects with the reason', () =>
    cancelled(avi, async (input) =>
      remuxToMp4(input, await probe(input), {}, (body) => Array.fromAsync(body)),
    ))

  it('the probing kills ffmpeg and rejects with the reason', async () => {
    // Without its index at the end, nothing can be known of this one.
    const movie = await video('long.mp4', [...tone(5), '-c:a', 'aac'])
    const cancel = new AbortController()
    const read = sourceOf(movie).read
    let halt = false
    const source: Source = {
      size: movie.length,
      read: async (start, end) => {
        if (halt) cancel.abort(reason)
        return read(start, end)
      },
    }
    const run = withInput(
      source,
      (input) => {
        halt = true
        return probeByDecoding(input)
      },
      cancel.signal,
    )
    await assert.rejects(run, reason)
  })

  it('beforehand starts nothing', () =>
    withInput(sourceOf(bytes), async (input) => {
      await assert.rejects(probe({ ...input, signal: AbortSignal.abort(reason) }), reason)
    }))

  it('after a store has failed is not needed: nothing is left running', () =>
    withInput(sourceOf(bytes), async (input) => {
      const failing = async (frames: AsyncIterable<Buffer>) => {
        for await (const some of frames) if (some.length > 0) throw new Error('disk full')
      }
      await assert.rejects(encode(input, failing), /disk full/)
      assert.equal(await ffmpegsReading(input.url), '')
    }))
})
