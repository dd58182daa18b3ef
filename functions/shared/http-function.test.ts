import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import type { Route } from '../../lib/http/router.ts'
import { sendLogTo } from '../../lib/log.ts'
import { Problem } from '../../lib/problems.ts'
import { httpFunction } from './http-function.ts'

/** The domain that code runs in, where it runs in one. */
const domain = (): unknown => (process as { domain?: unknown }).domain ?? undefined

describe("An HTTP function behind functions-framework's server", { timeout: 10_000 }, () => {
  let server: Server
  let url: string
  const lines: string[] = []
  const seen: unknown[] = []
  const get = (path: string, handle: () => Promise<void>): Route => ({
    method: 'GET',
    path,
    access: 'anyone',
    async handle() {
      await handle()
      return { status: 200, body: {} }
    },
  })
  before(async () => {
    httpFunction('status', [
      get('/look', async () => {
        seen.push(domain())
        await setImmediate()
        seen.push(domain())
        process.nextTick(() => seen.push(domain()))
        await setImmediate()
      }),
      get('/throw', () => {
        throw new Error('the password is 1234')
      }),
      get('/reject', async () => {
        await setImmediate()
        throw new Error('the password is 1234')
      }),
      get('/refuse', async () => {
        await setImmediate()
        throw new Problem('CONFLICT', 'Not now.')
      }),
    ])
    server = getTestServer('status')
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A server that listens on a TCP port has an address of this shape.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    sendLogTo((line) => void lines.push(line))
  })
  beforeEach(() => {
    lines.length = 0
  })
  after(() => {
    sendLogTo((line) => void process.stderr.write(line))
    server.close()
    server.closeAllConnections()
  })

  async function ask(path: string): Promise<[status: number, type: string | null, body: string]> {
    const response = await fetch(url + path)
    return [response.status, response.headers.get('content-type'), await response.text()]
  }

  it('runs outside of any domain, and so does what follows from it', async () => {
    assert.equal((await ask('/look'))[0], 200)
    assert.deepEqual(seen, [undefined, undefined, undefined])
  })

  for (const path of ['/throw', '/reject'])
    it(`answers an error as a problem that tells nothing of it, and logs it (${path})`, async () => {
      const [status, type, body] = await ask(path)
      assert.deepEqual([status, type], [500, 'application/problem+json; charset=utf-8'])
      assert.equal((JSON.parse(body) as { code: string }).code, 'INTERNAL')
      assert.doesNotMatch(body, /1234/)
      assert.match(lines.join(''), /A request failed: the password is 1234/)
    })

  it('answers a problem as what it is', async () => {
    const [status, , body] = await ask('/refuse')
    assert.deepEqual([status, (JSON.parse(body) as { code: string }).code], [409, 'CONFLICT'])
    assert.deepEqual(lines, [])
  })

  it('goes on after all of them, for requests at the same time too', async () => {
    const paths = ['/throw', '/look', '/reject', '/look', '/refuse']
    const answers = await Promise.all(paths.map(ask))
    assert.deepEqual(
      answers.map(([status]) => status),
      [500, 200, 500, 200, 409],
    )
    assert.ok(seen.every((each) => each === undefined))
  })
})
