import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { jobErrorCodes } from '../../../lib/problems.ts'
import { notLocal } from '../../server.ts'
import { makeGoodFiles, type GoodFiles } from './good-files.ts'
import { startHostileServer } from './hostile-server.ts'
import { inParallel } from './in-parallel.ts'
import { mutantOf } from './mutants.ts'
import { convertInRoom } from './room.ts'
import { Tally } from './tally.ts'
import { watchChildren } from './watch.ts'

// `npm run test:hostile` makes ten thousand.
const count = Number(process.env['HOSTILE_MUTATIONS'] ?? 200)
const seed = Number(process.env['HOSTILE_SEED'] ?? 1)
const first = Number(process.env['HOSTILE_FIRST'] ?? 0)
const throughServer = Math.ceil(count / 50)

const mostSeconds = 300
const optionsOf = (number: number): { bitrate?: number; quality?: number } =>
  [{}, {}, { bitrate: 64 }, { quality: 5 }][number % 4] ?? {}

const numbers = (how: number): number[] => Array.from({ length: how }, (_, index) => first + index)

describe(`Mutations of good videos (HOSTILE_SEED=${seed})`, { timeout: 7_200_000 }, () => {
  let good: GoodFiles
  before(async () => void (good = await makeGoodFiles()))

  it('are the same for the same seed', () => {
    for (const number of numbers(50))
      assert.deepEqual(mutantOf(good, seed, number), mutantOf(good, seed, number))
    assert.notDeepEqual(mutantOf(good, seed, 0).bytes, mutantOf(good, seed + 1, 0).bytes)
  })

  it(`end as an MP3 or with a reason, each of ${count}`, async () => {
    const tally = new Tally()
    const watch = watchChildren(process.pid)
    await inParallel(numbers(count), 3, async (number) => {
      const { name, how, bytes } = mutantOf(good, seed, number)
      const outcome = await convertInRoom(bytes, optionsOf(number), mostSeconds)
      tally.add(`${number}: ${name}, ${how}`, outcome)
    })
    const taken = await watch.stop()
    console.log(tally.report(seed, taken))
    assert.deepEqual(tally.unexpected, [])
    assert.deepEqual(taken.unbounded, [])
  })

  it(`end so in the server, too, and leave it answering: every fiftieth`, { skip: notLocal }, async () => {
    const server = await startHostileServer()
    after(() => server.stop())
    await inParallel(numbers(throughServer), 3, async (index) => {
      const { number, name, how, bytes } = mutantOf(good, seed, 50 * index)
      if (bytes.length === 0) return
      const { status, error, attempt } = await server.convert(name, bytes)
      const description = `${number}: ${name}, ${how}: ${error?.code} ${error?.message}`
      assert.ok(status === 'MP3_COMPLETED' || jobErrorCodes.some((code) => code === error?.code), description)
      assert.equal(attempt, 1, description)
    })
    await server.assertUnharmed()
  })
})
