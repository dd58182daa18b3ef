import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { boundsOf } from '../bounds.ts'
import { Cores } from '../cores.ts'
import { EncoderPool } from './encoder-pool.ts'
import { PcmCutter, pieceFrames, type Piece } from './pcm-pieces.ts'
import { PieceEncoder } from './piece-encoder.ts'
import { pcmFrameBytes } from './sound.ts'

const format = { sampleRate: 24000, channels: 1, samplesPerFrame: 576 }
const frameBytes = pcmFrameBytes(format)

/** So many whole pieces of silence. */
const silence = (count: number): Piece[] =>
  new PcmCutter(frameBytes).push(Buffer.alloc((count * pieceFrames + 3) * frameBytes))

const stops: AbortController[] = []

function openPool(cores: Cores): { pool: EncoderPool; started: PieceEncoder[]; stop: AbortController } {
  const stop = new AbortController()
  stops.push(stop)
  const started: PieceEncoder[] = []
  const start = (): PieceEncoder => {
    const encoder = new PieceEncoder({ quality: 9 }, format, stop.signal, boundsOf(0))
    started.push(encoder)
    return encoder
  }
  return { pool: new EncoderPool(start, cores), started, stop }
}

describe('a pool of encoders', { timeout: 30_000, concurrency: 2 }, () => {
  after(() => stops.forEach((stop) => stop.abort()))

  it('gives each piece its own frames, with as many encoders as there are cores', async () => {
    const cores = new Cores(2)
    const { pool, started } = openPool(cores)
    const results: Promise<unknown[]>[] = []
    for (const piece of silence(6)) results.push((await pool.encode(piece)).frames)
    await pool.end()
    for (const frames of await Promise.all(results)) assert.equal(frames.length, pieceFrames)
    assert.equal(started.length, 2)
    assert.ok(cores.takeIfFree() && cores.takeIfFree(), 'both cores are free again')
  })

  it('makes do with one encoder while others use the cores', async () => {
    const cores = new Cores(2)
    const others = [cores.take(), cores.take()]
    const { pool, started } = openPool(cores)
    for (const piece of silence(4)) await pool.encode(piece)
    assert.equal(started.length, 1)
    for (const release of others) release()
    await pool.end()
  })

  it('lets one go where others need the cores', async () => {
    const cores = new Cores(2)
    const { pool, started } = openPool(cores)
    const pieces = silence(5)
    const results: Promise<unknown[]>[] = []
    for (const [index, piece] of pieces.entries()) {
      if (index === 3) cores.take()
      results.push((await pool.encode(piece)).frames)
    }
    await Promise.race(started.map(({ ended }) => ended))
    await pool.end()
    for (const frames of await Promise.all(results)) assert.equal(frames.length, pieceFrames)
  })

  it('says at once that an encoder has ended, to whoever waits and to whoever brings more', async () => {
    const { pool, stop } = openPool(new Cores(1))
    const [piece, other, ...rest] = silence(4)
    assert.ok(piece && other)
    const { frames } = await pool.encode(piece)
    stop.abort(new Error('killed'))
    await assert.rejects(frames, /killed/)
    for (const each of [other, ...rest]) await assert.rejects((await pool.encode(each)).frames, /killed/)
    await pool.end()
  })
})
