import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { tokenIssuer } from '../../lib/users.ts'
import { basic, Client, sending, type ProblemBody } from '../client.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

interface Account {
  id: string
  email: string
  role: string
  disabled: boolean
  createdAt: string
}

const password = 'battery staple'

describe('Accounts', { skip: unavailable, timeout: 180_000 }, () => {
  let server: TestServer
  let admin: Client
  before(async () => {
    server = await startServer({ env: { TRUSTED_PROXIES: '1' } })
    admin = new Client(server)
  })
  after(() => server.stop())

  const make = (email: string, rest: Record<string, unknown> = {}): Promise<Account> =>
    admin.json<Account>('/auth/users', sending('POST', { email, password, ...rest }), 201)
  const setDisabled = (id: string, disabled: boolean): Promise<Account> =>
    admin.json<Account>(`/auth/users/${id}`, sending('PATCH', { disabled }))

  let addresses = 0
  const newAddress = (): string => `10.0.${++addresses >> 8}.${addresses & 255}`

  /** Signs in from this network address; by default from one that nobody else has. */
  const logIn = (email: string, secret = password, from = newAddress()): Promise<Response> =>
    fetch(`${server.apiUrl}/auth/login`, {
      method: 'POST',
      headers: {
        authorization: basic(email, secret),
        'x-forwarded-for': from,
      },
    })
  async function signedIn(email: string, secret = password, from = newAddress()): Promise<Client> {
    const response = await logIn(email, secret, from)
    assert.equal(response.status, 200)
    const { token } = (await response.json()) as { token: string }
    return new Client({ apiUrl: server.apiUrl, token })
  }
  const statusOf = async (response: Promise<Response>): Promise<number> => {
    const { status, body } = await response
    await body?.cancel()
    return status
  }

  describe('made by an administrator', () => {
    it('can be signed in to, in any spelling, and never show a hash', async () => {
      const account = await make('Someone@Example.com')
      assert.deepEqual(
        { ...account, id: '', createdAt: '' },
        { id: '', email: 'someone@example.com', role: 'user', disabled: false, createdAt: '' },
      )
      const someone = await signedIn('SOMEONE@example.com')
      assert.deepEqual(await someone.json('/auth/me'), {
        id: account.id,
        email: 'someone@example.com',
        role: 'user',
        quota: {},
        usage: { storedBytes: 0, jobs: 0 },
      })
    })

    it('are administrators too, if wanted', async () => {
      await make('second@example.com', { role: 'admin' })
      const second = await signedIn('second@example.com')
      await second.json('/auth/users')
    })

    it('can be made once', async () => {
      await make('twice@example.com')
      const problem = await admin.problem(
        '/auth/users',
        sending('POST', { email: 'TWICE@example.com', password }),
      )
      assert.deepEqual([problem.status, problem.code], [409, 'EMAIL_TAKEN'])
      const both = await Promise.all(
        [1, 2].map(() =>
          statusOf(admin.fetch('/auth/users', sending('POST', { email: 'race@example.com', password }))),
        ),
      )
      assert.deepEqual(new Set(both), new Set([201, 409]))
    })

    it('have every mistake named', async () => {
      const body = { email: 'no:body@example.com', password: 'short', role: 'king', colour: 'red' }
      const { errors } = await admin.problem('/auth/users', sending('POST', body))
      const fields = errors?.map(({ field }) => field)
      assert.deepEqual(fields?.toSorted(), ['colour', 'email', 'password', 'role'])
      for (const secret of ['1234567', '🎬'.repeat(7), 'x'.repeat(1025)])
        await admin.json('/auth/users', sending('POST', { email: 'a@example.com', password: secret }), 422)
    })

    it('are listed by e-mail, in pages', async () => {
      await make('list+1@example.com')
      const emails: string[] = []
      let pageToken = ''
      do {
        const page = await admin.json<{ users: Account[]; nextPageToken?: string }>(
          `/auth/users?limit=2&pageToken=${pageToken}`,
        )
        assert.ok(page.users.length <= 2)
        assert.doesNotMatch(JSON.stringify(page), /hash|salt|password/)
        emails.push(...page.users.map(({ email }) => email))
        pageToken = page.nextPageToken ?? ''
      } while (pageToken !== '')
      assert.deepEqual(emails, [...new Set(emails)].toSorted())
      for (const email of [server.email, 'list+1@example.com']) assert.ok(emails.includes(email))
    })

    it('are none of a user’s business', async () => {
      const { id } = await make('curious@example.com')
      const curious = await signedIn('curious@example.com')
      for (const [path, init] of [
        ['/auth/users', {}],
        ['/auth/users', sending('POST', { email: 'b@example.com', password, role: 'admin' })],
        [`/auth/users/${id}`, sending('PATCH', { disabled: false })],
      ] as const)
        assert.equal((await curious.problem(path, init)).code, 'FORBIDDEN')
    })
  })

  describe('when disabled', () => {
    it('lose their tokens for good, and cannot be signed in to until they are enabled', async () => {
      const { id } = await make('leaving@example.com')
      const leaving = await signedIn('leaving@example.com')
      assert.equal((await setDisabled(id, true)).disabled, true)
      for (const path of ['/auth/me', '/status', '/status/events', `/download/${id}`])
        assert.equal((await leaving.problem(path)).code, 'TOKEN_INVALID')
      assert.equal(await statusOf(logIn('leaving@example.com')), 401)
      assert.equal((await setDisabled(id, false)).disabled, false)
      assert.equal((await leaving.problem('/auth/me')).code, 'TOKEN_INVALID')
      await signedIn('leaving@example.com')
    })

    it('are never the caller’s own', async () => {
      const { id } = await admin.json<Account>('/auth/me')
      const problem = await admin.problem(`/auth/users/${id}`, sending('PATCH', { disabled: true }))
      assert.equal(problem.code, 'OWN_ACCOUNT')
    })

    it('have to exist', async () => {
      for (const id of ['0'.repeat(32), 'x', '..%2Fjobs%2Fx'])
        assert.equal(
          (await admin.problem(`/auth/users/${id}`, sending('PATCH', { disabled: true }))).code,
          'NOT_FOUND',
        )
    })
  })

  describe('with a new password', () => {
    const change = (currentPassword: string, newPassword: string): RequestInit =>
      sending('PUT', { currentPassword, newPassword })

    it('end every token but the new one', async () => {
      await make('changing@example.com')
      const here = await signedIn('changing@example.com')
      const elsewhere = await signedIn('changing@example.com')
      const { token } = await here.json<{ token: string }>('/auth/me/password', change(password, 'a new one'))
      for (const client of [here, elsewhere])
        assert.equal((await client.problem('/status')).code, 'TOKEN_INVALID')
      await new Client({ apiUrl: server.apiUrl, token }).json('/status')
      assert.equal(await statusOf(logIn('changing@example.com')), 401)
      await signedIn('changing@example.com', 'a new one')
    })

    it('keep the old one where it was given wrong, or the new one is no good', async () => {
      await make('keeping@example.com')
      const keeping = await signedIn('keeping@example.com')
      const wrong = await keeping.problem('/auth/me/password', change('wrong', 'a new one'))
      assert.deepEqual([wrong.status, wrong.code], [403, 'WRONG_PASSWORD'])
      assert.equal((await keeping.problem('/auth/me/password', change(password, 'short'))).status, 422)
      await keeping.json('/auth/me')
      await signedIn('keeping@example.com')
    })

    it('have guesses at the old one slowed down, which keeps nobody from signing in', async () => {
      await make('stolen@example.com')
      const thief = await signedIn('stolen@example.com')
      const guess = (): Promise<{ code: string }> =>
        thief.problem('/auth/me/password', change('wrong', 'a new one'))
      const codes: string[] = []
      while (codes.at(-1) !== 'TOO_MANY_REQUESTS') codes.push((await guess()).code)
      assert.ok(codes.length > 5, String(codes.length))
      assert.ok(
        codes.slice(0, -1).every((code) => code === 'WRONG_PASSWORD'),
        String(codes),
      )
      await signedIn('stolen@example.com')
    })
  })

  describe('whose token is renewed', () => {
    const renew = async (client: Client): Promise<Client> => {
      const { token } = await client.json<{ token: string }>('/auth/token', { method: 'POST' })
      return new Client({ apiUrl: server.apiUrl, token })
    }

    it('go on with either token, until one thing ends all of them', async () => {
      const { id } = await make('renewing@example.com')
      const first = await signedIn('renewing@example.com')
      const second = await renew(await renew(first))
      for (const client of [first, second]) assert.equal((await client.json<Account>('/auth/me')).id, id)
      await setDisabled(id, true)
      for (const client of [first, second])
        assert.equal((await client.problem('/auth/token', { method: 'POST' })).code, 'TOKEN_INVALID')
    })
  })

  /** Guesses until one is refused unseen: what that one says, and how many were not. */
  async function untilRefused(guess: () => Promise<Response>) {
    for (let allowed = 0; ; allowed++) {
      const response = await guess()
      const { code } = (await response.json()) as ProblemBody
      if (response.status === 429) return { allowed, code, retryAfter: response.headers.get('retry-after') }
      assert.equal(code, 'BAD_CREDENTIALS')
    }
  }

  describe('whose password is guessed', () => {
    for (const [which, email] of [
      ['that exist', 'target@example.com'],
      ['that do not exist', 'phantom@example.com'],
    ] as const)
      it(`have guesses slowed down, from wherever they come: ${which}`, async () => {
        if (email.startsWith('target')) await make(email)
        const { allowed, code, retryAfter } = await untilRefused(() => logIn(email, 'wrong'))
        assert.ok(allowed >= 5, String(allowed))
        assert.equal(code, 'TOO_MANY_REQUESTS')
        assert.match(retryAfter ?? '', /^[1-9]\d?$/)
      })

    it('can be signed in to after the wait, which begins the count anew', async () => {
      const email = 'waiting@example.com'
      await make(email)
      await untilRefused(() => logIn(email, 'wrong'))
      while ((await statusOf(logIn(email))) === 429) await delay(25)
      const { allowed } = await untilRefused(() => logIn(email, 'wrong'))
      assert.ok(allowed >= 5, String(allowed))
    })

    it('can be signed in to from where that was done before, and have their password changed, whoever guesses elsewhere', async () => {
      const email = 'besieged@example.com'
      const home = newAddress()
      await make(email)
      assert.equal(await statusOf(logIn(email, password, home)), 200)
      await untilRefused(() => logIn(email, 'wrong', newAddress()))
      assert.equal(await statusOf(logIn(email, password, newAddress())), 429)
      assert.equal(await statusOf(logIn(email, password, home)), 200)
      const owner = await signedIn(email, password, home)
      const newPassword = `${password}!`
      await owner.json('/auth/me/password', sending('PUT', { currentPassword: password, newPassword }))
      const { allowed } = await untilRefused(() => logIn(email, 'wrong', home))
      assert.ok(allowed >= 5 && allowed < 20, String(allowed))
    })

    it('do not slow down others, nor lose their tokens', async () => {
      const from = newAddress()
      await make('slow@example.com')
      await make('other@example.com')
      const slow = await signedIn('slow@example.com')
      await untilRefused(() => logIn('slow@example.com', 'wrong', from))
      assert.equal(await statusOf(logIn('other@example.com', password, from)), 200)
      await slow.json('/auth/me')
    })

    it('are not guessed one after the other from one address, whatever it says of itself', async () => {
      const from = newAddress()
      let count = 0
      const { allowed } = await untilRefused(() =>
        logIn(`guess${++count}@example.com`, 'wrong', `203.0.113.${count}, ${from}`),
      )
      assert.ok(allowed >= 20, String(allowed))
      assert.equal(await statusOf(logIn(server.email, server.password)), 200)
    })

    it('are not guessed any faster by who signs in to an own one in between', async () => {
      const from = newAddress()
      await make('guesser@example.com')
      let count = 0
      const guess = (): Promise<Response> => logIn(`prey${++count}@example.com`, 'wrong', from)
      for (let tries = 0; tries < 15; tries++) assert.equal(await statusOf(guess()), 401)
      assert.equal(await statusOf(logIn('guesser@example.com', password, from)), 200)
      const { allowed } = await untilRefused(guess)
      assert.ok(allowed < 15, String(allowed))
    })
  })
})

describe('A new signing key', { skip: unavailable, timeout: 180_000 }, () => {
  const newKey = (): string =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

  it('leaves the tokens of the one before valid, here and for others', async () => {
    const before = await startServer({ env: { SIGNING_KEY: newKey() } })
    await before.kill()
    const server = await startServer({ env: { SIGNING_KEY: newKey() }, dataDir: before.dataDir })
    try {
      const keySet = createRemoteJWKSet(new URL(`${server.apiUrl}/auth/jwks.json`))
      const expected = { issuer: tokenIssuer, audience: tokenIssuer }
      const kids = new Set<string | undefined>()
      for (const token of [before.token, server.token]) {
        await new Client({ apiUrl: server.apiUrl, token }).json('/auth/me')
        kids.add((await jwtVerify(token, keySet, expected)).protectedHeader.kid)
      }
      assert.equal(kids.size, 2)
    } finally {
      await server.stop()
      await rm(before.dataDir, { recursive: true, force: true })
    }
  })
})
