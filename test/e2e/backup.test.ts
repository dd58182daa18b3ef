import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '../../platform/local/database.ts'
import { Client } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import { notLocal, startServer, type TestServer } from '../server.ts'

// So soon a job is taken up again whose worker has died: in the copy, all have.
const env = { LEASE_SECONDS: '2', SWEEP_SECONDS: '1' }
const command = join(import.meta.dirname, '../../platform/local/backup-command.ts')

/** Runs `npm run backup` as a person does. */
function backUp(dataDir: string, ...folders: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...folders], { env: { DATA_DIR: dataDir } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: out + err }),
    )
  })
}

describe('npm run backup', { skip: notLocal, timeout: 180_000 }, () => {
  let folder: string
  let server: TestServer
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-backup-'))
    server = await startServer({ dataDir: join(folder, 'data'), env })
  })
  after(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('copies what a server is at work on, so that another one goes on from there', async (t) => {
    const client = new Client(server)
    const avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'] })
    const done = await client.upload({ filename: 'done.avi', bytes: avi })
    await client.completed(done.id)
    const mp3 = await client.mp3(done.id)
    const quantum = 256 * 1024
    const large = await makeVideo({ format: ['matroska'], audio: ['pcm_s16le'], seconds: 4 })
    const send = (url: string, start: number, end: number): Promise<Response> =>
      fetch(url, {
        method: 'PUT',
        body: large.subarray(start, end),
        headers: { 'content-range': `bytes ${start}-${end - 1}/${large.length}` },
      })
    const { job: half, uploadUrl } = await client.openSession({ filename: 'half.mkv', size: large.length })
    assert.equal((await send(uploadUrl, 0, quantum)).status, 308)
    const long = await makeVideo({ format: ['mp4'], audio: ['flac'], seconds: 200, channels: 1 })
    const converting = await client.uploadEither({ filename: 'long.mp4', bytes: long })
    await client.until(converting.id, ({ status }) => status === 'CREATING_MP3')

    // All the while files come and go.
    const stop = new AbortController()
    const busy = (async () => {
      while (!stop.signal.aborted) {
        const { id } = await client.upload({ filename: 'notes', bytes: noVideo })
        await client.fetch(`/status/${id}`, { method: 'DELETE' })
      }
    })()
    const copy = join(folder, 'copy')
    const { code, output } = await backUp(server.dataDir, copy)
    stop.abort()
    await busy
    assert.equal(code, 0, output)
    assert.match(output, /^\d+ files \(.*B\) and all records of .* are in .*copy\.\n/)
    assert.equal((await stat(copy)).mode & 0o077, 0, 'there are secrets in it')

    const other = await startServer({ dataDir: copy, env })
    t.after(() => other.stop())
    // With the token of the first: its key was copied too.
    const there = new Client({ apiUrl: other.apiUrl, token: client.token })
    assert.ok((await there.mp3(done.id)).equals(mp3))
    const rest = await send(uploadUrl.replace(server.bucketUrl, other.bucketUrl), quantum, large.length)
    assert.equal(rest.status, 200, await rest.text())
    await there.completed(half.id)
    await there.completed(converting.id)
  })

  it('that is killed leaves nothing that looks like a backup', async (t) => {
    const dataDir = join(folder, 'stuck')
    openDatabase(dataDir).close()
    await mkdir(join(dataDir, 'objects'))
    // Nobody writes into it: whoever copies it waits.
    execFileSync('mkfifo', [join(dataDir, 'objects/endless')])
    const copying = spawn(process.execPath, [command, join(folder, 'killed')], {
      env: { DATA_DIR: dataDir },
    })
    t.after(() => copying.kill('SIGKILL'))
    const begun = async (): Promise<boolean> =>
      (await readdir(folder)).some((name) => name.startsWith('killed.partial-'))
    while (!(await begun())) {
      assert.equal(copying.exitCode, null, 'it has ended before it was killed')
      await delay(25)
    }
    copying.kill('SIGKILL')
    await once(copying, 'exit')
    assert.ok(!(await readdir(folder)).includes('killed'))
  })

  it('writes into no folder that exists, and says so', async () => {
    const before = await readdir(folder)
    const { code, output } = await backUp(server.dataDir, folder)
    assert.deepEqual([code, output], [1, `${folder} exists already. Name a folder that does not.\n`])
    assert.deepEqual(await readdir(folder), before)
  })

  it('asks for a folder where none is named', async () => {
    const { code, output } = await backUp(server.dataDir)
    assert.deepEqual(
      [code, output],
      [1, 'Name one folder that does not exist yet: npm run backup -- FOLDER\n'],
    )
  })

  it('says that there is nothing to copy where no server ever was', async () => {
    const { code, output } = await backUp(join(folder, 'nothing'), join(folder, 'other'))
    assert.deepEqual([code, output], [1, `There is nothing to back up in ${join(folder, 'nothing')}.\n`])
    assert.ok(!(await readdir(folder)).includes('other'))
  })
})
