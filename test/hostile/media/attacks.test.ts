import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { ffmpeg, path } from '../../../functions/transcode/media/testing.ts'
import { jobErrorCodes } from '../../../lib/problems.ts'
import { notLocal } from '../../server.ts'
import { attacks } from './attacks/index.ts'
import { openCanary, type Canary } from './canary.ts'
import { makeGoodFiles, type GoodFiles } from './good-files.ts'
import { isLong } from '../effort.ts'
import { keepFigures } from '../figures.ts'
import { startHostileServer, type HostileServer } from './hostile-server.ts'
import { count, isWhole, mutantNumbers, mutantOf, seed } from './mutants.ts'
import { notReached, notTold } from './reached.ts'
import { Tally } from './tally.ts'

const unread = 'no ffmpeg of today reads it'

describe('A canary', () => {
  let canary: Canary
  before(async () => void (canary = await openCanary()))
  after(() => canary.close())

  it('sings when somebody reads its file', async (t) => {
    assert.deepEqual(await canary.touches(), [])
    if (!canary.notesReads)
      t.skip('no file system here notes reads: only the text in a result would show them')
    await readFile(canary.file)
    if (canary.notesReads) assert.deepEqual(await canary.touches(), ['the file was read'])
  })

  it('sings when somebody connects to its server, as an ffmpeg without fences does', async () => {
    const playlist = `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${canary.url}/segment.ts\n#EXT-X-ENDLIST\n`
    const file = await path('list.m3u8', Buffer.from(playlist))
    const fences = ['-protocol_whitelist', 'file,http,tcp']
    await assert.rejects(ffmpeg([...fences, '-i', file, '-f', 'null', '-']))
    assert.match((await canary.touches()).join(), /GET \/segment.ts/)
  })
})

describe('A hostile file', { skip: notLocal, concurrency: 3, timeout: 1_800_000 }, () => {
  let server: HostileServer
  let good: GoodFiles
  const tally = new Tally()
  before(async () => {
    good = await makeGoodFiles()
    server = await startHostileServer()
  })
  after(async () => {
    try {
      const { slowestMs, ...taken } = await server.assertUnharmed()
      const answers = `The slowest answer of the server meanwhile took ${(slowestMs / 1000).toFixed(2)} s.`
      const report = [...tally.report(taken), answers]
      console.log(report.join('\n'))
      if (isWhole)
        await keepFigures('hostile media', 'crafted files, and some damaged ones, in the server', report)
    } finally {
      await server.stop()
    }
  })

  /** Converts a file in the server, and counts how it ended. */
  async function endingOf(
    what: string,
    name: string,
    bytes: Buffer,
  ): Promise<{ ending: string; why: string }> {
    const begun = performance.now()
    const job = await server.convert(name, bytes)
    const known = jobErrorCodes.find((code) => code === job.error?.code)
    const ending = job.status === 'MP3_COMPLETED' ? 'MP3' : known
    tally.add(what, { seconds: (performance.now() - begun) / 1000, ...(ending && { ending }) })
    assert.equal(job.attempt, 1, 'it is not tried again')
    return { ending: ending ?? '', why: `${what}: ${ending} ${job.error?.message}` }
  }

  for (const number of mutantNumbers(Math.ceil(count / 50)))
    it(`that is mutation ${number} of seed ${seed} does nothing`, async () => {
      const { name, how, bytes } = mutantOf(good, seed, number)
      // Of an empty file there is no job.
      const { ending, why } = await endingOf(
        `${name}, ${how}`,
        name,
        bytes.length > 0 ? bytes : Buffer.alloc(1),
      )
      assert.notEqual(ending, '', why)
    })

  for (const attack of attacks) {
    const { what, filename, make, ends, isSlow } = attack
    const skip = isSlow && !isLong && 'it takes long'
    it(`that is ${what} does nothing`, { skip }, async () => {
      const { ending, why } = await endingOf(what, filename, make(server.canary, good))
      assert.ok(
        ends.some((end) => end === ending),
        why,
      )
    })
    it(
      `that is ${what} is what it says`,
      { skip: skip || notTold || (!attack.reaches && unread) },
      async () =>
        assert.deepEqual(await notReached(attack, good), [], 'an ffmpeg that reads it has to say so'),
    )
  }
})
