import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { ffmpeg, path } from '../../../functions/transcode/media/testing.ts'
import { notLocal } from '../../server.ts'
import { attacks } from './attacks/index.ts'
import { openCanary } from './canary.ts'
import { makeGoodFiles, type GoodFiles } from './good-files.ts'
import { startHostileServer, type HostileServer } from './hostile-server.ts'

const isThorough = process.env['HOSTILE_MUTATIONS'] !== undefined

describe('A canary', () => {
  it('sings when somebody reads its file, and when somebody connects to its server', async () => {
    const canary = await openCanary()
    try {
      assert.deepEqual(await canary.touches(), [])
      await readFile(canary.file)
      assert.deepEqual(await canary.touches(), ['the file was read'])
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

  for (const { what, filename, make, ends, isSlow } of attacks)
    it(`that is ${what} does nothing`, { skip: isSlow && !isThorough && 'it takes long' }, async () => {
      const job = await server.convert(filename, make(server.canary, good))
      const ending = job.status === 'MP3_COMPLETED' ? 'MP3' : (job.error?.code ?? '')
      assert.ok(
        ends.some((end) => end === ending),
        `it ended with ${ending}: ${job.error?.message}`,
      )
      assert.equal(job.attempt, 1, 'it is not tried again')
    })
})

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000)
