import assert from 'node:assert/strict'
import type dns from 'node:dns'
import type { RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { freePort } from '../../test/free-port.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../test/webhook-receiver.ts'
import { because } from '../../lib/notifications/reasons.ts'
import type { Outcome } from './outcome.ts'
import { callWebhook, publicOnly, type WebhookOptions } from './webhook.ts'

const body = '{"event":"job.completed","job":{"filename":"Füße.avi"}}'
const headers = { 'Tapedeck-Signature': 't=1,v1=00' }

/** A resolver that finds these addresses, whatever is looked for. */
const finds = (...addresses: string[]): typeof dns.lookup =>
  // Only the form of it that is used here.
  ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof dns.lookup

describe('Calling a webhook', { timeout: 30_000 }, () => {
  let receiver: WebhookReceiver
  let answer: RequestListener
  beforeEach(async () => {
    answer = (_req, res) => res.end()
    receiver = await startWebhookReceiver((req, res) => answer(req, res))
  })
  afterEach(() => receiver.close())

  const call = (to = `${receiver.url}/hook?key=1`, options: Partial<WebhookOptions> = {}): Promise<Outcome> =>
    callWebhook({ url: to, body, headers }, { allowPrivate: true, ...options })

  it('posts the very bytes as JSON, with the headers', async () => {
    assert.deepEqual(await call(), { result: 'sent' })
    const [received = assert.fail('no request came')] = receiver.calls
    assert.equal(received.method, 'POST')
    assert.equal(received.path, '/hook?key=1')
    assert.equal(received.body, body)
    assert.equal(received.headers['content-type'], 'application/json')
    assert.equal(received.headers['tapedeck-signature'], 't=1,v1=00')
  })

  for (const status of [400, 404, 410, 500, 503]) {
    it(`is left for later where the answer is ${status}`, async () => {
      answer = (_req, res) => res.writeHead(status).end('a secret of the other side')
      assert.deepEqual(await call(), {
        result: 'later',
        reasonCode: 'ANSWERED',
        reason: `It answered ${status}.`,
      })
    })
  }

  it('does not follow redirects', async () => {
    answer = (_req, res) => res.writeHead(307, { Location: `${receiver.url}/elsewhere` }).end()
    const reason = 'It answered 307; redirects are not followed.'
    assert.deepEqual(await call(), { result: 'later', reasonCode: 'ANSWERED', reason })
    assert.equal(receiver.calls.length, 1)
  })

  it('gives up on what does not answer', async () => {
    answer = () => undefined
    const outcome = { result: 'later', ...because('NO_ANSWER', 'It did not answer within 0.2 s.') }
    assert.deepEqual(await call(undefined, { timeoutMilliseconds: 200 }), outcome)
  })

  it('waits for no answer where the server has to end', async () => {
    const end = new AbortController()
    answer = () => end.abort()
    assert.deepEqual(await call(undefined, { giveUp: end.signal }), {
      result: 'later',
      ...because('SERVER_ENDED'),
    })
  })

  it('takes no more of an answer than it needs, and waits for its end no longer than for its beginning', async () => {
    answer = (_req, res) => {
      res.on('close', () => clearInterval(timer))
      const timer = setInterval(() => res.write(Buffer.alloc(1000)), 1)
    }
    assert.deepEqual(await call(), { result: 'sent' })
    answer = (_req, res) => void res.write('never ends')
    assert.deepEqual(await call(undefined, { timeoutMilliseconds: 1000 }), { result: 'sent' })
  })

  it('takes no other protocol for an answer', async () => {
    answer = (req) =>
      req.socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')
    assert.deepEqual(await call(), { result: 'later', reasonCode: 'ANSWERED', reason: 'It answered 101.' })
  })

  it('says what is wrong where nobody listens, or hangs up', async () => {
    answer = (req) => req.socket.destroy()
    assert.match(reasonOf(await call()), /^It could not be reached: .*hang up\.$/)
    assert.match(reasonOf(await call(`http://127.0.0.1:${await freePort()}`)), /ECONNREFUSED/)
  })

  describe('of the public internet only', () => {
    const publicly = (to: string, resolve?: typeof dns.lookup): Promise<Outcome> =>
      call(to, { allowPrivate: false, ...(resolve && { resolve }) })
    const port = (): string => new URL(receiver.url).port

    for (const addresses of [
      ['127.0.0.1'],
      ['::1'],
      ['::ffff:127.0.0.1'],
      ['169.254.169.254'],
      ['8.8.8.8', '127.0.0.1'],
      [],
    ]) {
      it(`does not connect to a name that leads to ${addresses.join(' and ') || 'nothing'}`, async () => {
        const outcome = await publicly(`https://hooks.example.com:${port()}/`, finds(...addresses))
        assert.match(reasonOf(outcome), /does not lead to public addresses only/)
        assert.equal(receiver.connections(), 0)
      })
    }

    it('does not connect to this machine by its own name, or by its address', async () => {
      assert.match(reasonOf(await publicly(`https://localhost:${port()}/`)), /does not lead to public/)
      for (const address of ['127.0.0.1', '[::ffff:127.0.0.1]']) {
        const outcome = await publicly(`https://${address}:${port()}/`)
        assert.equal(outcome.result, 'refused')
        assert.match(reasonOf(outcome), /private address/)
      }
      assert.equal(receiver.connections(), 0)
    })

    it('connects to just the addresses that were looked at', async () => {
      const lookUp = publicOnly(finds('8.8.8.8', '2606:4700::1111'))
      assert.deepEqual(await found(lookUp, { all: true }), [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ])
      assert.equal(await found(lookUp, { all: false }), '8.8.8.8')
    })
  })
})

const reasonOf = ({ result, reason }: Outcome): string =>
  result === 'sent' || reason === undefined ? assert.fail(`it was ${result}`) : reason

const found = (lookUp: LookupFunction, options: { all: boolean }): Promise<unknown> =>
  new Promise((resolve, reject) => {
    lookUp('hooks.example.com', options, (error, address) => (error ? reject(error) : resolve(address)))
  })
