import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { makeGoodFiles, type GoodFiles } from './good-files.ts'
import { inParallel } from './in-parallel.ts'
import { keepFigures } from '../figures.ts'
import { count, isWhole, mutantNumbers, mutantOf, seed } from './mutants.ts'
import { convertInRoom } from './room.ts'
import { Tally } from './tally.ts'
import { watchChildren } from './watch.ts'

const mostSeconds = 300
// They are of kilobytes. A picture that damage makes giant may have a lot.
const mostResidentBytes = 1024 * 1024 * 1024
const optionsOf = (number: number): { bitrate?: number; quality?: number } =>
  [{}, {}, { bitrate: 64 }, { quality: 5 }][number % 4] ?? {}

describe(`Mutations of good videos (SEED=${seed})`, { timeout: 7_200_000 }, () => {
  let good: GoodFiles
  before(async () => void (good = await makeGoodFiles()))

  it('are the same for the same seed', () => {
    for (const number of mutantNumbers(50))
      assert.deepEqual(mutantOf(good, seed, number), mutantOf(good, seed, number))
    assert.notDeepEqual(mutantOf(good, seed, 0).bytes, mutantOf(good, seed + 1, 0).bytes)
  })

  it(`end as an MP3 or with a reason, each of ${count}`, async () => {
    const tally = new Tally()
    const watch = watchChildren(process.pid)
    await inParallel(mutantNumbers(count), 3, async (number) => {
      const { name, how, bytes } = mutantOf(good, seed, number)
      watch.expect(bytes.length)
      const outcome = await convertInRoom(bytes, optionsOf(number), mostSeconds)
      tally.add(`${number}: ${name}, ${how}`, outcome)
    })
    const taken = await watch.stop()
    console.log(tally.report(taken).join('\n'))
    assert.deepEqual(tally.unexpected, [])
    assert.ok(watch.isBlind || taken.children > 0, 'somebody was watched')
    assert.deepEqual(taken.unbounded, [])
    assert.ok(taken.cpuShare <= 1, `an ffmpeg took ${taken.cpuShare} of its CPU time`)
    assert.ok(taken.residentBytes < mostResidentBytes, `an ffmpeg had ${taken.residentBytes} bytes`)
    if (isWhole) await keepFigures('hostile media', 'damaged videos', tally.report(taken))
  })
})
