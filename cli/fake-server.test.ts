import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { listen, type Listening } from './testing/listen.ts'
import { makePlace, start, type Place, type Result, type Running } from './testing/run.ts'

const mp3 = 'as if this were an MP3'
const times = { start: '2026-01-01T00:00:00.000Z', route: 'upload@1' }
const job = (status: string) => ({
  ...{ id: 'job', status, progress: 0, warnings: [], attempt: 1, times },
  target: { size: mp3.length, durationSeconds: 1, bitrate: 192, copied: false },
})

type Handler = (req: IncomingMessage, res: ServerResponse) => void
const json =
  (status: number, body: unknown): Handler =>
  (req, res) => {
    req.resume()
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }

describe('The command line, with a server that behaves badly', { timeout: 30_000 }, () => {
  let place: Place
  let server: Listening
  let routes: Record<string, Handler>
  let requests: string[]

  beforeEach(async () => {
    place = await makePlace()
    await writeFile(join(place.folder, 'clip.mp4'), 'a few bytes')
    requests = []
    server = await listen((req, res) => {
      const request = `${req.method} ${req.url}`
      requests.push(request)
      ;(routes[request] ?? json(404, { code: 'NOT_FOUND', detail: `There is nothing at ${req.url}.` }))(
        req,
        res,
      )
    })
    routes = {
      'GET /base/auth/me': json(200, { email: 'someone' }),
      'POST /base/upload/sessions': json(201, { job: job('UPLOADING'), uploadUrl: `${server.url}/session` }),
      'PUT /session': json(200, {}),
      'GET /base/status/job': json(200, job('MP3_COMPLETED')),
      'GET /base/download/job?format=json': json(200, { url: `${server.url}/mp3` }),
      'GET /mp3': (_req, res) => void res.end(mp3),
      'DELETE /base/status/job': (_req, res) => void res.writeHead(204).end(),
    }
  })
  afterEach(async () => {
    server.close()
    await place.remove()
  })

  const begin = (): Running => start(place, ['clip.mp4', '--server', `${server.url}/base`, '--token', 'x'])
  const convert = (): Promise<Result> => begin().result
  const count = (request: string): number => requests.filter((made) => made === request).length

  async function assertNothingLeft(): Promise<void> {
    assert.deepEqual(await readdir(place.folder), ['clip.mp4'])
    assert.deepEqual(await readdir(place.temp), [])
  }

  it('asks for the status where there are no events', async () => {
    const { exitCode, stderr } = await convert()
    assert.equal(stderr, '')
    assert.equal(exitCode, 0)
    assert.deepEqual(await readdir(place.folder), ['clip.mp3', 'clip.mp4'])
  })

  it('goes on with the events where they broke off', async () => {
    const lastIds: unknown[] = []
    routes['GET /base/status/job'] = json(200, job('CREATING_MP3'))
    routes['GET /base/status/job/events'] = (req, res) => {
      lastIds.push(req.headers['last-event-id'])
      const status = lastIds.length === 1 ? 'CREATING_MP3' : 'MP3_COMPLETED'
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.end(`: open\n\nevent: job\nid: t${lastIds.length}\ndata: ${JSON.stringify(job(status))}\n\n`)
    }
    assert.equal((await convert()).exitCode, 0)
    assert.deepEqual(lastIds, [undefined, 't1'])
  })

  it('opens another session where one was lost, and takes back the job', async () => {
    let sessions = 0
    routes['PUT /session'] = (req, res) => json(++sessions === 1 ? 410 : 200, {})(req, res)
    assert.equal((await convert()).exitCode, 0)
    assert.equal(count('POST /base/upload/sessions'), 2)
    assert.equal(count('DELETE /base/status/job'), 1)
  })

  it('asks for the same session again where its answer was lost', async () => {
    const open = routes['POST /base/upload/sessions']
    const keys: unknown[] = []
    routes['POST /base/upload/sessions'] = (req, res) => {
      keys.push(req.headers['idempotency-key'])
      if (keys.length === 1) res.destroy()
      else open?.(req, res)
    }
    assert.equal((await convert()).exitCode, 0)
    assert.match(String(keys[0]), /^"[0-9a-f-]{36}"$/)
    assert.deepEqual(keys, [keys[0], keys[0]])
  })

  it('downloads again what broke off', async () => {
    let downloads = 0
    routes['GET /mp3'] = (_req, res) => {
      if (++downloads > 1) return void res.end(mp3)
      res.writeHead(200, { 'Content-Length': mp3.length }).write(mp3.slice(0, 5))
      return void setTimeout(() => res.destroy(), 20)
    }
    assert.equal((await convert()).exitCode, 0)
    assert.deepEqual(await readdir(place.folder), ['clip.mp3', 'clip.mp4'])
  })

  it('says that a job was deleted', async () => {
    delete routes['GET /base/status/job']
    const { exitCode, stderr } = await convert()
    assert.equal(exitCode, 1)
    assert.match(stderr, /^clip\.mp4 failed: There is nothing at \/base\/status\/job\.\n/)
    await assertNothingLeft()
  })

  it('says what the server refuses', async () => {
    routes['POST /base/upload/sessions'] = json(422, {
      code: 'UNPROCESSABLE',
      detail: 'size: must be at most 5 TiB',
    })
    const { exitCode, stderr } = await convert()
    assert.equal(exitCode, 1)
    assert.equal(stderr, 'clip.mp4 failed: size: must be at most 5 TiB\n')
  })

  const problem =
    (status: number, code: string, detail: string, headers = {}): Handler =>
    (req, res) => {
      req.resume()
      res.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers })
      res.end(JSON.stringify({ status, code, detail }))
    }

  it('waits until there is a place among the jobs that the account may have at once', async () => {
    const open = routes['POST /base/upload/sessions']
    let refusals = 0
    routes['POST /base/upload/sessions'] = (req, res) => {
      // More often than anything else is tried.
      if (++refusals > 6) return open?.(req, res)
      return problem(429, 'TOO_MANY_JOBS', 'Too many jobs.', { 'Retry-After': '0' })(req, res)
    }
    const { exitCode, stderr } = await convert()
    assert.deepEqual([exitCode, refusals], [0, 7])
    assert.equal(stderr, 'Waiting: Too many jobs.\n')
  })

  it('can be interrupted while it waits for a place', async () => {
    routes['POST /base/upload/sessions'] = problem(429, 'TOO_MANY_JOBS', 'Too many jobs.', {
      'Retry-After': '600',
    })
    const { child, result } = begin()
    child.stderr?.once('data', () => child.kill('SIGINT'))
    assert.deepEqual(await result, {
      exitCode: 130,
      stdout: '',
      stderr: 'Waiting: Too many jobs.\nInterrupted.\n',
    })
  })

  for (const [status, code, detail] of [
    [413, 'FILE_TOO_LARGE', 'The video has 5 GB; your account may upload files of at most 2 GB.'],
    [403, 'STORAGE_QUOTA_EXCEEDED', 'You have stored 10 GB of 10 GB; this video needs 5 GB more.'],
  ] as const) {
    it(`says at once what no waiting helps against: ${code}`, async () => {
      routes['POST /base/upload/sessions'] = problem(status, code, detail)
      const { exitCode, stderr } = await convert()
      assert.deepEqual([exitCode, stderr], [1, `clip.mp4 failed: ${detail}\n`])
      assert.equal(count('POST /base/upload/sessions'), 1)
    })
  }

  it('says that this is no Tapedeck', async () => {
    routes['GET /base/auth/me'] = (_req, res) => void res.end('<html>')
    const { exitCode, stderr } = await convert()
    assert.equal(exitCode, 1)
    assert.match(stderr, /Is that the address of a Tapedeck\?\n$/)
  })

  it('leaves half of no MP3 when it is interrupted while it downloads', async () => {
    routes['GET /mp3'] = (_req, res) =>
      void res.writeHead(200, { 'Content-Length': mp3.length }).write(mp3.slice(0, 5))
    const { child, result } = begin()
    while (!(await readdir(place.folder)).some((name) => name.endsWith('.part'))) await delay(5)
    child.kill('SIGINT')
    assert.deepEqual(await result, { exitCode: 130, stdout: '', stderr: 'Interrupted.\n' })
    await assertNothingLeft()
  })

  it('takes back the job when it is interrupted while it uploads', async () => {
    routes['PUT /session'] = () => undefined
    const { child, result } = begin()
    while (count('PUT /session') === 0) await delay(5)
    child.kill('SIGINT')
    assert.deepEqual(await result, { exitCode: 130, stdout: '', stderr: 'Interrupted.\n' })
    assert.equal(count('DELETE /base/status/job'), 1)
    await assertNothingLeft()
  })
})
