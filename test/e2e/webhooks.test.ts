import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import { signUp } from '../accounts.ts'
import { Client, sending, type JobView } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import {
  deliveriesPath,
  deliveryOnce,
  readSettings,
  settingsPath,
  testPath,
  type Notifications,
} from '../notifications.ts'
import { deliveries, startServer, unavailable, type TestServer } from '../server.ts'
import { startWebhookReceiver, type ReceivedCall, type WebhookReceiver } from '../webhook-receiver.ts'

const putHooks = (...urls: string[]): RequestInit =>
  sending('PUT', { webhooks: urls.map((url) => ({ url })) })

/** Whether a call is signed with this secret, and fresh: as README tells receivers to check it. */
function isGenuine({ headers, body }: ReceivedCall, secret: string): boolean {
  const [, seconds, signature = ''] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['tapedeck-signature'])) ?? []
  if (!seconds || Math.abs(Date.now() / 1000 - Number(seconds)) > 300) return false
  const expected = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}

// The way that is hardest on them: on this machine, every event comes twice.
const [[how, env] = ['', {}]] = deliveries.slice(-1)

describe(`Webhooks, events coming ${how}`, { skip: unavailable, timeout: 180_000 }, () => {
  let receiver: WebhookReceiver
  let server: TestServer
  let admin: Client
  let anna: Client
  let ben: Client
  /** Until when each path fails: so many more calls. */
  const failures = new Map([['/fails', 1]])
  before(async () => {
    receiver = await startWebhookReceiver((req, res) => {
      const path = req.url ?? ''
      const left = failures.get(path) ?? 0
      failures.set(path, left - 1)
      if (path === '/redirects') res.writeHead(307, { location: '/elsewhere' }).end()
      else if (path !== '/stalls') res.writeHead(left > 0 ? 503 : 204).end()
    })
    server = await startServer({ env: { ...env, WEBHOOK_ALLOW_PRIVATE: '1', SWEEP_SECONDS: '0.5' } })
    admin = new Client(server)
    anna = await signUp(admin, 'anna@example.com')
    ben = await signUp(admin, 'ben@example.com')
  })
  after(async () => {
    await server?.stop()
    await receiver?.close()
  })

  const register = (of: Client, ...paths: string[]): Promise<Notifications> =>
    of.json(settingsPath, putHooks(...paths.map((path) => receiver.url + path)))
  const callsOf = (path: string): ReceivedCall[] => receiver.calls.filter((call) => call.path === path)
  const about = (path: string, status: DeliveryView['status']) => (delivery: DeliveryView) =>
    delivery.url === receiver.url + path && delivery.status === status
  const calledInVain = (path: string) => (delivery: DeliveryView) =>
    about(path, 'WAITING')(delivery) && delivery.reason !== undefined

  it('are registered by their URLs, each with a secret that is shown once', async () => {
    const { webhooks: hooks } = await register(anna, '/one', '/two')
    assert.deepEqual(
      hooks.map(({ url }) => url),
      [`${receiver.url}/one`, `${receiver.url}/two`],
    )
    const secrets = hooks.map(({ secret = '' }) => secret)
    for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/)
    assert.equal(new Set(secrets).size, 2)
    const shown = await readSettings(anna)
    assert.deepEqual(
      shown.webhooks,
      hooks.map(({ secret: _secret, ...rest }) => rest),
    )
    assert.deepEqual((await readSettings(ben)).webhooks, [])
  })

  it('stay what they are when they are sent again, and go when they are not', async () => {
    const before = await register(anna, '/one', '/two')
    const sentBack = await anna.json<Notifications>(settingsPath, sending('PUT', await readSettings(anna)))
    assert.deepEqual(sentBack.webhooks, before.webhooks)
    const { webhooks: hooks } = await register(anna, '/two', '/three')
    const kept = hooks.find(({ url }) => url.endsWith('/two'))
    assert.deepEqual(
      kept,
      before.webhooks.find(({ url }) => url.endsWith('/two')),
    )
    assert.equal(kept?.secret, undefined)
    assert.ok(hooks.find(({ url }) => url.endsWith('/three'))?.secret)
    assert.ok(!hooks.some(({ url }) => url.endsWith('/one')))
    const { webhooks: others } = await anna.json<Notifications>(
      settingsPath,
      sending('PUT', { mail: { enabled: true } }),
    )
    assert.equal(others.length, 2, 'what is left out stays as it is')
  })

  const wrong: [what: string, body: unknown, field: string][] = [
    ['no URL', { webhooks: [{ url: 'nowhere' }] }, 'webhooks.0.url'],
    ['another protocol', { webhooks: [{ url: 'ftp://hooks.example.com/' }] }, 'webhooks.0.url'],
    ['a password in it', { webhooks: [{ url: 'https://a:b@hooks.example.com/' }] }, 'webhooks.0.url'],
    [
      'too long a URL',
      { webhooks: [{ url: `https://hooks.example.com/${'x'.repeat(2000)}` }] },
      'webhooks.0.url',
    ],
    [
      'the same URL twice, however it is written',
      { webhooks: [{ url: 'https://hooks.example.com' }, { url: 'https://HOOKS.example.com:443/' }] },
      'webhooks.1.url',
    ],
    [
      '21 of them',
      { webhooks: Array.from({ length: 21 }, (_, n) => ({ url: `https://a.com/${n}` })) },
      'webhooks',
    ],
    ['a secret of one’s own', { webhooks: [{ url: 'https://a.com/', secret: 'mine' }] }, 'webhooks.0'],
    ['something else', { colour: 'red' }, 'colour'],
    ['mail that is neither on nor off', { mail: { enabled: 'yes' } }, 'mail.enabled'],
  ]
  for (const [what, body, field] of wrong) {
    it(`are not changed by settings with ${what}`, async () => {
      const before = await readSettings(anna)
      const problem = await anna.problem(settingsPath, sending('PUT', body))
      assert.equal(problem.code, 'UNPROCESSABLE')
      assert.deepEqual(
        problem.errors?.map((error) => error.field),
        [field],
      )
      assert.deepEqual(await readSettings(anna), before)
    })
  }

  it('are told of the ends of jobs, signed, with the job as the API shows it', async () => {
    const { webhooks: hooks } = await register(ben, '/ben')
    const { secret = '' } = hooks[0] ?? {}
    const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'] })
    const done = await ben.completed((await ben.upload({ filename: 'done.mp4', bytes })).id)
    const { id } = await ben.upload({ filename: 'notes.mp4', bytes: noVideo })
    for (const jobId of [done.id, id]) await deliveryOnce(ben, deliveriesPath(jobId), about('/ben', 'SENT'))
    const [first = assert.fail(), second = assert.fail()] = callsOf('/ben')
    assert.ok(isGenuine(first, secret) && isGenuine(second, secret))
    assert.ok(!isGenuine({ ...first, body: `${first.body} ` }, secret))
    assert.ok(!isGenuine(first, `${secret}x`))
    const told = [first, second].map(({ headers, body }) => {
      const { event, job } = JSON.parse(body) as { event: string; job: JobView }
      assert.equal(headers['tapedeck-event'], event)
      assert.equal(headers['content-type'], 'application/json')
      return { event, id: job.id, status: job.status }
    })
    assert.deepEqual(
      new Set(told),
      new Set([
        { event: 'job.completed', id: done.id, status: 'MP3_COMPLETED' },
        { event: 'job.failed', id, status: 'FAILED' },
      ]),
    )
    const ids = [first, second].map(({ headers }) => headers['tapedeck-delivery'])
    assert.equal(new Set(ids).size, 2)
  })

  it('are called again where they fail, stall or redirect, and what became of it is shown', async () => {
    await register(anna, '/fine', '/fails', '/stalls', '/redirects')
    const { id } = await anna.upload({ filename: 'all.mp4', bytes: noVideo })
    const path = deliveriesPath(id)
    await deliveryOnce(anna, path, about('/fine', 'SENT'))
    const redirects = await deliveryOnce(anna, path, calledInVain('/redirects'))
    assert.equal(redirects.reason, 'It answered 307; redirects are not followed.')
    const fails = await deliveryOnce(anna, path, about('/fails', 'SENT'))
    assert.equal(fails.attempts, 2)
    const [first, second] = callsOf('/fails')
    assert.equal(second?.body, first?.body)
    assert.equal(second?.headers['tapedeck-delivery'], first?.headers['tapedeck-delivery'])
    assert.equal(first?.headers['tapedeck-delivery'], fails.id)
    const stalls = await deliveryOnce(anna, path, calledInVain('/stalls'))
    assert.equal(stalls.reason, 'It did not answer within 15 s.')
    assert.ok(stalls.nextAt)
    assert.equal(callsOf('/elsewhere').length, 0)
    assert.equal(callsOf('/fine').length, 1)
    const listed = (await readSettings(anna)).deliveries.filter(({ jobId }) => jobId === id)
    assert.equal(listed.length, 5, 'these, and the mail')
    assert.equal((await ben.problem(path)).code, 'NOT_FOUND')
    // In a webhook's path there may be what lets its owner in.
    const seen = await admin.json<{ deliveries: DeliveryView[] }>(path)
    const urls = new Set(seen.deliveries.flatMap(({ url }) => url ?? []))
    assert.deepEqual([...urls], [new URL(fails.url ?? '').origin])
  })

  it('can be tried out, by their owner, so often', async () => {
    const { webhooks: hooks } = await register(ben, '/ben', '/broken')
    failures.set('/broken', Infinity)
    const [fine = '', broken = ''] = ['/ben', '/broken'].map(
      (path) => hooks.find(({ url }) => url.endsWith(path))?.id,
    )
    const request = (id: string): RequestInit => sending('POST', { via: 'webhook', id })
    const test = await ben.json<DeliveryView>(testPath, request(fine), 202)
    assert.equal(test.status, 'WAITING')
    await deliveryOnce(ben, settingsPath, ({ id, status }) => id === test.id && status === 'SENT')
    assert.equal(callsOf('/ben').at(-1)?.body, '{"event":"test"}')
    await ben.json(testPath, request(broken), 202)
    // It is not tried again: its user is looking.
    await deliveryOnce(ben, settingsPath, about('/broken', 'FAILED'))
    for (const id of [fine, 'nothing', '__proto__'])
      assert.equal((await anna.problem(testPath, request(id))).code, 'NOT_FOUND')
    await register(ben, '/ben')
    const answers = await Promise.all(Array.from({ length: 12 }, () => ben.fetch(testPath, request(fine))))
    const refused = answers.filter(({ status }) => status === 429)
    assert.equal(refused.length, 4, 'ten within a minute are the most, however they come')
    for (const { headers } of refused) assert.ok(Number(headers.get('retry-after')) >= 1)
    await anna.json(testPath, sending('POST', { via: 'mail' }), 202)
  })
})

describe('Without WEBHOOK_ALLOW_PRIVATE, webhooks', { skip: unavailable, timeout: 180_000 }, () => {
  let receiver: WebhookReceiver
  let server: TestServer
  let client: Client
  before(async () => {
    receiver = await startWebhookReceiver((_req, res) => res.end())
    server = await startServer({ env: { SWEEP_SECONDS: '0.5' } })
    client = new Client(server)
  })
  after(async () => {
    await server?.stop()
    await receiver?.close()
  })

  for (const host of ['127.0.0.1', '[::1]', '2130706433', '10.0.0.1', '169.254.169.254'])
    it(`cannot be at ${host}`, async () => {
      const { code, detail } = await client.problem(settingsPath, putHooks(`https://${host}/`))
      assert.equal(code, 'UNPROCESSABLE')
      assert.match(detail, /private address/)
    })

  it('cannot be without TLS', async () => {
    const { detail } = await client.problem(settingsPath, putHooks('http://hooks.example.com/'))
    assert.match(detail, /must be an https URL/)
  })

  it('are not called where their name leads to this machine', async () => {
    const { port } = new URL(receiver.url)
    const url = `https://localhost:${port}/`
    const { webhooks: hooks } = await client.json<Notifications>(settingsPath, putHooks(url))
    const request = sending('POST', { via: 'webhook', id: hooks[0]?.id })
    const test = await client.json<DeliveryView>(testPath, request, 202)
    const { reason } = await deliveryOnce(
      client,
      settingsPath,
      ({ id, status }) => id === test.id && status === 'FAILED',
    )
    assert.match(reason ?? '', /localhost does not lead to public addresses only/)
    assert.equal(receiver.connections(), 0)
  })
})
