import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { ffmpeg, path } from '../../../functions/transcode/media/testing.ts'
import { jobErrorCodes } from '../../../lib/problems.ts'
import type { JobView } from '../../client.ts'
import { notLocal } from '../../server.ts'
import { attacks } from './attacks/index.ts'
import { openCanary } from './canary.ts'
import { makeGoodFiles, type GoodFiles } from './good-files.ts'
import { isLong } from '../effort.ts'
import { count, mutantNumbers, mutantOf, seed } from './mutants.ts'
import { startHostileServer, type HostileServer } from './hostile-server.ts'

describe('A canary', () => {
  it('sings when somebody reads its file, and when somebody connects to its server', async () => {
    const canary = await openCanary()
    try {
      assert.deepEqual(await canary.touches(), [])
      await readFile(canary.file)
      if (canary.notesReads) assert.deepEqual(await canary.touches(), ['the file was read'])
      const playlist = `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${canary.url}/segment.ts\n#EXT-X-ENDLIST\n`
      const file = await path('list.m3u8', Buffer.from(playlist))
      const fences = ['-protocol_whitelist', 'file,http,tcp']
      await assert.rejects(ffmpeg([...fences, '-i', file, '-f', 'null', '-']))
      assert.match((await canary.touches()).join(), /GET \/segment.ts/, 'an ffmpeg without fences goes there')
    } finally {
      await canary.close()
    }
  })
})

describe('A hostile file', { skip: notLocal, concurrency: 3, timeout: 1_800_000 }, () => {
  let server: HostileServer
  let good: GoodFiles
  before(async () => {
    good = await makeGoodFiles()
    server = await startHostileServer()
  })
  after(async () => {
    try {
      const { children, residentBytes, addressBytes, cpuSeconds, slowestMs } = await server.assertUnharmed()
      console.log(
        `${children} ffmpegs seen; the largest had ${megabytes(residentBytes)} MB of memory and ` +
          `${megabytes(addressBytes)} MB of addresses, the longest took ${cpuSeconds} s of CPU; ` +
          `the slowest answer of the server took ${Math.round(slowestMs)} ms.`,
      )
    } finally {
      await server.stop()
    }
  })

  for (const number of mutantNumbers(Math.ceil(count / 50)))
    it(`that is mutation ${number} of seed ${seed} does nothing`, async () => {
      const { name, how, bytes } = mutantOf(good, seed, number)
      // Of an empty file there is no job.
      const job = await server.convert(name, bytes.length > 0 ? bytes : Buffer.alloc(1))
      const description = `${name}, ${how}: ${job.error?.code} ${job.error?.message}`
      assert.ok(isGood(job) || jobErrorCodes.some((code) => code === job.error?.code), description)
      assert.equal(job.attempt, 1, description)
    })

  for (const { what, filename, make, ends, isSlow } of attacks)
    it(`that is ${what} does nothing`, { skip: isSlow && !isLong && 'it takes long' }, async () => {
      const job = await server.convert(filename, make(server.canary, good))
      const ending = isGood(job) ? 'MP3' : (job.error?.code ?? '')
      assert.ok(
        ends.some((end) => end === ending),
        `it ended with ${ending}: ${job.error?.message}`,
      )
      assert.equal(job.attempt, 1, 'it is not tried again')
    })
})

const isGood = ({ status }: JobView): boolean => status === 'MP3_COMPLETED'

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000)
