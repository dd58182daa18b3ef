import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startFunction } from '../../infra/build/testing.ts'
import { basic, Client } from '../client.ts'
import { notLocal, startServer } from '../server.ts'

const main = join(import.meta.dirname, '../../platform/local/main.ts')

/** Starts a server that must not start. */
function failToStart(env: Record<string, string>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main],
      { env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    )
  })
}

describe('npm start', { skip: notLocal, timeout: 180_000 }, () => {
  let folder: string
  before(async () => void (folder = await mkdtemp(join(tmpdir(), 'tapedeck-start-'))))
  after(() => rm(folder, { recursive: true, force: true }))

  it('names every mistake in the environment at once, and ends with 1', async () => {
    const env = {
      PORT: 'eighty',
      CLOUD_LIKE: 'yes',
      ADMIN_EMAIL: 'me',
      ADMIN_PASSWORD: 'short',
      ALLOWED_ORIGINS: 'x',
    }
    const { code, output } = await failToStart({ DATA_DIR: folder, ...env })
    assert.equal(code, 1)
    for (const name of Object.keys(env)) assert.match(output, new RegExp(`^  ${name} must `, 'm'))
    assert.match(output, /"eighty"/)
    assert.doesNotMatch(output, /"short"/, 'a secret is not repeated')
    assert.doesNotMatch(output, /\n\s+at /, 'no stack trace')
  })

  it('makes an admin with a random password, which only its owner can read', async (t) => {
    const dataDir = join(folder, 'first')
    const server = await startServer({ dataDir, env: { ADMIN_EMAIL: '', ADMIN_PASSWORD: '' } })
    t.after(() => server.stop())
    const path = join(dataDir, 'admin-password')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.equal((await stat(join(dataDir, 'signing-key.pem'))).mode & 0o777, 0o600)
    const password = (await readFile(path, 'utf8')).trim()
    const authorization = basic('admin@localhost', password)
    const response = await fetch(`${server.apiUrl}/auth/login`, {
      method: 'POST',
      headers: { authorization },
    })
    assert.equal(response.status, 200)
    const me = await new Client(server).json<{ email: string }>('/auth/me')
    assert.equal(me.email, 'admin@localhost', 'the banner’s link signs in')
  })

  it('refuses a data directory that another one is using, and a port that is taken', async (t) => {
    const dataDir = join(folder, 'shared')
    const server = await startServer({ dataDir })
    t.after(() => server.stop())
    const second = await failToStart({ DATA_DIR: dataDir, PORT: '0' })
    assert.equal(second.code, 1)
    assert.match(second.output, /in use by another Tapedeck/)

    const occupied = createServer().listen(0, '127.0.0.1')
    t.after(() => occupied.close())
    await once(occupied, 'listening')
    const { port } = occupied.address() as AddressInfo
    const third = await failToStart({ DATA_DIR: join(folder, 'third'), PORT: String(port) })
    assert.equal(third.code, 1)
    assert.match(third.output, new RegExp(`Port ${port} is taken`))
  })

  it('starts behind an API_URL that only others can reach', async (t) => {
    const dataDir = join(folder, 'host')
    const server = await startServer({
      dataDir,
      env: { HOST: '127.0.0.2', API_URL: 'http://tapedeck.invalid' },
    })
    t.after(() => server.stop())
    assert.equal(server.apiUrl, 'http://tapedeck.invalid')
    assert.notEqual(server.token, '', 'the banner signs in all the same')
    assert.equal(new URL(server.bucketUrl).hostname, '127.0.0.2')
  })

  it('brings events to functions on whichever address HOST names', async (t) => {
    const server = await startServer({ dataDir: join(folder, 'address'), env: { HOST: '127.0.0.2' } })
    t.after(() => server.stop())
    const client = new Client(server)
    const { id } = await client.upload({ filename: 'notes.mp4', bytes: Buffer.from('no video') })
    assert.equal((await client.failed(id)).error?.code, 'NOT_MEDIA')
  })

  it('serves the page, with a policy that lets nothing foreign in', async (t) => {
    const server = await startServer({ dataDir: join(folder, 'page') })
    t.after(() => server.stop())
    const response = await fetch(`${server.apiUrl}/`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.doesNotMatch(policy, /unsafe/)
    assert.equal((await fetch(`${server.apiUrl}/config.json`)).status, 200)
    assert.equal((await fetch(`${server.apiUrl}/..%2fpackage.json`)).status, 404)
  })

  it('ends on SIGTERM with 0, and keeps what it has', async (t) => {
    const dataDir = join(folder, 'kept')
    const first = await startServer({ dataDir })
    t.after(() => first.stop())
    await first.stop()
    assert.equal(first.process.exitCode, 0)
    const second = await startServer({ dataDir })
    t.after(() => second.stop())
    assert.deepEqual(await new Client(second).list(), [])
  })

  it('hosts any one function alone, too', async (t) => {
    const source = join(import.meta.dirname, '../../functions/status/index.ts')
    const alone = await startFunction(source, 'status', { DATA_DIR: join(folder, 'alone') })
    t.after(() => alone.stop())
    for (const path of ['/', '/status', '/status/']) {
      const response = await fetch(alone.url + path)
      assert.equal(response.status, 401)
      assert.equal(((await response.json()) as { code: string }).code, 'TOKEN_MISSING')
    }
  })
})
