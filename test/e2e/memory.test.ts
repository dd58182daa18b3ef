import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { findFfmpeg } from '../../functions/transcode/media/index.ts'
import { Client, type JobView } from '../client.ts'
import { notLocal, startServer } from '../server.ts'

const skip = process.platform === 'linux' ? notLocal : 'the peak of resident memory is read from /proc'

describe('A video of two gigabytes', { skip, timeout: 300_000 }, () => {
  let folder: string
  let path: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-memory-'))
    path = join(folder, 'two gigabytes.avi')
    const { path: ffmpeg } = await findFfmpeg()
    // Raw pictures fill a file as fast as the disk can write.
    const inputs = [
      '-f',
      'lavfi',
      '-i',
      'color=s=640x480:r=25:d=190',
      '-f',
      'lavfi',
      '-i',
      'sine=d=190:r=44100',
    ]
    const outputs = ['-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le', path]
    await promisify(execFile)(ffmpeg, ['-v', 'error', '-nostdin', ...inputs, ...outputs])
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('is uploaded and converted with less than 300 MB of resident memory, and no copy in the temporary folder', async () => {
    assert.ok((await stat(path)).size > 2e9)
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    const server = await startServer({ env: { TMPDIR: temporary } })
    const client = new Client(server)
    const form = new FormData()
    form.append('file', await openAsBlob(path), 'two gigabytes.avi')
    const { id } = await client.json<JobView>('/upload', { method: 'POST', body: form }, 202)
    await client.until(id, (job) => job.status === 'CREATING_MP3' || job.status === 'MP3_COMPLETED')
    assert.deepEqual(await readdir(temporary), [])
    const job = await client.completed(id)
    assert.equal(job.target?.durationSeconds, 190)

    // proc(5): VmHWM is the peak resident set size.
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8')
    const peakKilobytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
    assert.ok(peakKilobytes < 300_000, `${peakKilobytes} kB`)
    await server.stop()
  })
})
