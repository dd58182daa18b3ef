import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** The bytes of one video, always the same ones. */
export interface Source {
  /** Bytes. */
  size: number
  /** The bytes from `start` to `end`, both inclusive, counted from 0. */
  read(start: number, end: number): Promise<Readable>
}

export interface ReadingOptions {
  signal?: AbortSignal
  /** How long the source may be silent before it counts as failed. */
  stallSeconds?: number
}

// The waits before the second, third and fourth attempt at a byte. With the stall time they stay well below
// ffmpeg's own patience (`-rw_timeout`), so that a failure is known here before ffmpeg takes it for the file's end.
const retryDelaysMs = [100, 500, 2000]
const defaultStallSeconds = 10

/**
 * The bytes from `start` to `end`, inclusive. A read that fails, stalls or ends early is taken up again where it stopped;
 * throws the last failure once the same byte has failed four times, and the signal's reason when that aborts.
 */
export async function* readRange(
  source: Source,
  start: number,
  end: number,
  options: ReadingOptions = {},
): AsyncGenerator<Buffer> {
  let position = start
  let failures = 0
  while (position <= end) {
    try {
      for await (const chunk of readOnce(source, position, end, options)) {
        position += chunk.length
        if (chunk.length > 0) failures = 0
        yield chunk
      }
      if (position <= end) throw new Error(`the source ended at byte ${position}, before byte ${end}`)
    } catch (error) {
      options.signal?.throwIfAborted()
      const wait = retryDelaysMs[failures++]
      if (wait === undefined) throw error
      await delay(wait, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted())
    }
  }
}

/** The bytes from `start` to `end`, inclusive, in one buffer; fewer if the source is shorter. */
export async function readBytes(
  source: Source,
  start: number,
  end: number,
  options: ReadingOptions = {},
): Promise<Buffer> {
  const last = Math.min(end, source.size - 1)
  return Buffer.concat(await Array.fromAsync(readRange(source, start, last, options)))
}

async function* readOnce(
  source: Source,
  start: number,
  end: number,
  { signal, stallSeconds = defaultStallSeconds }: ReadingOptions,
): AsyncGenerator<Buffer> {
  const stall = new AbortController()
  const gaveUp = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal
  const stalled = () => stall.abort(new Error(`the source gave no byte for ${stallSeconds} s`))
  // The clock runs only while the source is waited for, not while the reader is busy with what it got.
  let clock = setTimeout(stalled, stallSeconds * 1000)
  const opening = source.read(start, end)
  try {
    const stream = await orAbort(opening, gaveUp)
    const chunks = stream[Symbol.asyncIterator]()
    for (;;) {
      const next: IteratorResult<Buffer> = await orAbort(chunks.next(), gaveUp)
      if (next.done) return
      clearTimeout(clock)
      yield next.value
      clock = setTimeout(stalled, stallSeconds * 1000)
    }
  } finally {
    clearTimeout(clock)
    opening.then(close).catch(() => {})
  }
}

/** What `promise` comes to, unless `signal` aborts first: a source that hangs does not always hear that it is to stop. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(asError(signal.reason))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const close = (stream: Readable): Readable => stream.on('error', () => {}).destroy()

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))
