import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { signUp, userPassword, type User } from '../../accounts.ts'
import { basic, Client } from '../../client.ts'
import { notLocal, startServer, type TestServer } from '../../server.ts'
import { onlyLong } from '../effort.ts'
import { keepFigures } from '../figures.ts'

const atOnce = 200

// What is the same with a dozen at once, functions/auth/log-in.test.ts shows every time.
describe(`${atOnce} logins at once`, { skip: notLocal || onlyLong, timeout: 120_000 }, () => {
  let server: TestServer
  let victim: User
  before(async () => {
    server = await startServer({ env: { TRUSTED_PROXIES: '1' } })
    const admin = new Client(server)
    victim = await signUp(admin)
  })
  const facts: string[] = []
  after(async () => {
    await server?.stop()
    if (facts.length > 0) await keepFigures('hostile clients', 'passwords guessed', facts)
  })

  let addresses = 0
  const newAddress = (): string => `10.1.${++addresses >> 8}.${addresses & 255}`
  async function logIn(email: string, password: string, from = newAddress()): Promise<Response> {
    const headers = { authorization: basic(email, password), 'x-forwarded-for': from }
    const response = await fetch(`${server.apiUrl}/auth/login`, { method: 'POST', headers })
    await response.body?.cancel()
    return response
  }
  const count = (responses: Response[], status: number): number =>
    responses.filter((response) => response.status === status).length

  /** The most memory that the server has ever had, in MB; only Linux tells. */
  async function mostMemory(): Promise<number> {
    if (process.platform !== 'linux') return 0
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
  }

  it('at one account are checked no more often than one after the other, from wherever they come', async () => {
    const before = await mostMemory()
    const all = Array.from({ length: atOnce }, (_, place) =>
      logIn(victim.email, place === atOnce / 2 ? userPassword : 'a wrong password'),
    )
    assert.equal((await logIn(server.email, server.password)).status, 200, 'nobody else is kept out')
    const responses = await Promise.all(all)
    const refused = count(responses, 429)
    assert.equal(refused + count(responses, 401) + count(responses, 200), atOnce)
    // Five, and one for each wait that is over before the last has come.
    assert.ok(atOnce - refused >= 5 && atOnce - refused < 12, `${atOnce - refused} were checked`)
    for (const response of responses)
      if (response.status === 429) assert.match(response.headers.get('retry-after') ?? '', /^[1-9]\d?$/)
    // One hash needs 64 MiB, and there is one at a time.
    const grown = (await mostMemory()) - before
    assert.ok(grown < 200, `${grown} MB`)
    facts.push(
      `${atOnce} logins at once at one account: ${atOnce - refused} passwords were checked; the server took ${Math.round(grown)} MB more.`,
    )
  })

  it('leave the account’s own password good, after the wait that it was told', async () => {
    for (;;) {
      const response = await logIn(victim.email, userPassword)
      if (response.status === 200) break
      assert.equal(response.status, 429)
      await delay(Number(response.headers.get('retry-after')) * 250)
    }
    await victim.json('/auth/me')
  })

  it('from one address are checked no more often than one after the other, at whatever account', async () => {
    const from = newAddress()
    const responses = await Promise.all(
      Array.from({ length: atOnce }, (_, place) =>
        logIn(`nobody${place}@example.com`, 'a wrong password', from),
      ),
    )
    const refused = count(responses, 429)
    assert.equal(refused + count(responses, 401), atOnce)
    assert.ok(atOnce - refused >= 20 && atOnce - refused < 32, `${atOnce - refused} were checked`)
    facts.push(`${atOnce} logins at once from one address: ${atOnce - refused} passwords were checked.`)
  })
})
