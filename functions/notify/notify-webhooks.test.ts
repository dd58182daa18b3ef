import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { completed, deleted, enqueued, failed } from '../../lib/jobs/testing.ts'
import type { Job } from '../../lib/jobs/job.ts'
import { sendLogTo } from '../../lib/log.ts'
import { deliveries, newDelivery, type Delivery } from '../../lib/notifications/delivery.ts'
import { webhookMessage } from '../../lib/notifications/webhook-message.ts'
import { sign, webhooks } from '../../lib/notifications/webhook.ts'
import { users } from '../../lib/users.ts'
import { beginDeliveries } from './begin-deliveries.ts'
import { notify } from './notify.ts'
import { because } from '../../lib/notifications/reasons.ts'
import type { Outcome } from './outcome.ts'
import type { Channels } from './prepare.ts'
import { openNotifyWorld, type NotifyWorld } from './testing.ts'
import type { WebhookRequest } from './webhook.ts'

const before1970 = new Date(-1)
const day = 24 * 60 * 60
const refused: Outcome = { result: 'later', ...because('ANSWERED', 'It answered 503.') }

type Call = Channels['call']
type Body = { event: string; job: Record<string, unknown> }

describe('The webhooks of an owner', { timeout: 30_000 }, () => {
  let world: NotifyWorld
  before(async () => {
    world = await openNotifyWorld()
    sendLogTo(() => undefined)
  })
  after(() => world.close())

  /** A job of somebody's who has webhooks at these URLs, and nobody else has. */
  const put = (job: Job, urls: string[], createdAt = before1970): Promise<string> =>
    world.put(
      job,
      {},
      Object.fromEntries(urls.map((url) => [randomUUID(), { url, secret: `secret of ${url}`, createdAt }])),
    )

  const channels = (call: Call): Channels => ({ pageUrl: 'https://page.example', mailer: undefined, call })
  const event = (jobId: string, call: Call): Promise<void> => notify({ jobId }, channels(call))
  const sweep = (jobId: string, call: Call): Promise<string[]> => world.sweep(jobId, channels(call))

  /** Answers every call with the next of these outcomes, at last with success, and remembers what it was called with. */
  function receiver(...outcomes: Outcome[]): { call: Call; requests: WebhookRequest[] } {
    const requests: WebhookRequest[] = []
    const call: Call = async (request) => {
      requests.push(request)
      return outcomes.shift() ?? { result: 'sent' }
    }
    return { call, requests }
  }

  /** What is written down of the calls. */
  const noted = async (jobId: string): Promise<Delivery[]> =>
    (await world.noted(jobId)).flatMap(({ data }) => (data.via === 'webhook' ? data : []))

  it('are each told once of the end of a job, as the API shows it, however often and at once the event comes', async () => {
    const id = await put(completed, ['https://a.example', 'https://b.example'])
    const { call, requests } = receiver()
    await Promise.all(Array.from({ length: 5 }, () => event(id, call)))
    await event(id, call)
    assert.deepEqual(requests.map(({ url }) => url).toSorted(), ['https://a.example', 'https://b.example'])
    const { event: name, job } = JSON.parse(requests[0]?.body ?? '') as Body
    assert.equal(name, 'job.completed')
    assert.equal(job['id'], id)
    assert.equal(job['status'], 'MP3_COMPLETED')
    assert.equal(job['outbox'], undefined, 'what is internal stays so')
    for (const delivery of await noted(id)) {
      assert.equal(delivery.status, 'SENT')
      assert.equal(delivery.attempts, 1)
      assert.equal(delivery.message, undefined)
      assert.equal(delivery.dueAt, undefined)
    }
  })

  it('are told by one only, where several set about it at the same time', async () => {
    const id = await put(completed, ['https://a.example'])
    // The call lasts until the others have gone away, or call too.
    const othersAreDone = Promise.withResolvers<void>()
    let calls = 0
    let left = 3
    const call = async (): Promise<Outcome> => {
      if (++calls > 1) othersAreDone.resolve()
      await othersAreDone.promise
      return { result: 'sent' }
    }
    const tell = async (): Promise<void> => {
      await event(id, call)
      if (--left === 1) othersAreDone.resolve()
    }
    await Promise.all([tell(), tell(), tell()])
    assert.equal(calls, 1)
  })

  it('get the signature by their own secret, the id of the delivery, and what has happened', async () => {
    const id = await put(failed, ['https://a.example'])
    const { call, requests } = receiver()
    await event(id, call)
    const [{ headers, body } = assert.fail('it was not called')] = requests
    const [, seconds = ''] = /^t=(\d+),/.exec(headers['Tapedeck-Signature'] ?? '') ?? []
    assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60)
    const expected = sign(body, 'secret of https://a.example', new Date(Number(seconds) * 1000))
    assert.equal(headers['Tapedeck-Signature'], expected)
    assert.match(headers['Tapedeck-Delivery'] ?? '', new RegExp(`^${id}\\.`))
    assert.equal(headers['Tapedeck-Event'], 'job.failed')
    assert.equal((JSON.parse(body) as Body).event, 'job.failed')
  })

  it('are told whatever becomes of the mail, and of each other', async () => {
    const id = await put(completed, ['https://a.example', 'https://b.example'])
    const called: string[] = []
    const call = async ({ url }: WebhookRequest): Promise<Outcome> => {
      called.push(url)
      throw new Error(`the call of ${url} dies`)
    }
    const mailer = { from: 'a@example.com', send: () => Promise.reject(new Error('the mail dies')) }
    await assert.rejects(notify({ jobId: id }, { ...channels(call), mailer }), /the mail dies/)
    assert.deepEqual(called.toSorted(), ['https://a.example', 'https://b.example'])
  })

  it('are told again when they did not take it: the same, but not before its time', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver(refused)
    await event(id, call)
    const [waiting] = await noted(id)
    assert.equal(waiting?.status, 'WAITING')
    assert.equal(waiting?.reason, 'It answered 503.')
    assert.equal(waiting.reasonCode, 'ANSWERED')
    await event(id, call)
    await sweep(id, call)
    assert.equal(requests.length, 1, 'its time has not come')
    await world.letPass(id, 15)
    await sweep(id, call)
    assert.equal(requests.length, 2)
    assert.equal(requests[1]?.body, requests[0]?.body)
    assert.equal(requests[1]?.headers['Tapedeck-Delivery'], requests[0]?.headers['Tapedeck-Delivery'])
    const [sent] = await noted(id)
    assert.equal(sent?.status, 'SENT')
    assert.equal(sent?.attempts, 2)
    assert.equal(sent?.reason, undefined)
    assert.equal(sent?.reasonCode, undefined)
  })

  it('are told of a later end alone where the job was taken up again before anybody was told, and that is noted', async () => {
    const lately = (job: Job): Job => ({
      ...job,
      timeline: Object.fromEntries(
        Object.entries(job.timeline).map(([key, entry]) => [key, { ...entry, at: new Date() }]),
      ),
    })
    const id = await put(lately(failed), ['https://a.example'])
    await world.change(id, lately(completed))
    const { call, requests } = receiver()
    await event(id, call)
    await event(id, call)
    assert.deepEqual(
      requests.map(({ headers: sent }) => sent['Tapedeck-Event']),
      ['job.completed'],
    )
    const reasons = new Map((await noted(id)).map(({ status, reason }) => [status, reason]))
    assert.deepEqual(
      reasons,
      new Map([
        ['SENT', undefined],
        ['SKIPPED', 'The job was taken up again before this could be sent.'],
      ]),
    )
  })

  it('are told by sweep where whoever had begun died before that', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver()
    await beginDeliveries(id, channels(call))
    await sweep(id, call)
    assert.equal(requests.length, 1)
  })

  it('are told again when whoever told them has died over it', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver()
    await assert.rejects(
      event(id, () => Promise.reject(new Error('killed'))),
      /killed/,
    )
    assert.equal((await noted(id))[0]?.status, 'SENDING')
    await event(id, call)
    assert.equal(requests.length, 0, 'they may still be at it')
    await world.letPass(id, 70)
    await sweep(id, call)
    assert.equal(requests.length, 1)
  })

  it('are not told again a day later by those who die over it each time', async () => {
    const id = await put(completed, ['https://a.example'])
    await assert.rejects(
      event(id, () => Promise.reject(new Error('killed'))),
      /killed/,
    )
    await world.letPass(id, 25 * 60 * 60)
    const { call, requests } = receiver()
    await sweep(id, call)
    assert.equal(requests.length, 0)
    const [given] = await noted(id)
    assert.equal(given?.status, 'FAILED')
    assert.equal(given?.reason, 'It was interrupted, and is not tried again.')
    assert.equal(given.reasonCode, 'INTERRUPTED')
  })

  /** Begins an attempt that lasts until `answer` is called, and lets its lease go by while another one is refused. */
  async function overtaken(id: string): Promise<{ answer: (outcome: Outcome) => Promise<void> }> {
    const outcome = Promise.withResolvers<Outcome>()
    const isCalled = Promise.withResolvers<void>()
    const slow = event(id, () => {
      isCalled.resolve()
      return outcome.promise
    })
    await isCalled.promise
    await world.letPass(id, 70)
    await sweep(id, receiver(refused).call)
    return {
      answer(late) {
        outcome.resolve(late)
        return slow
      },
    }
  }

  it('have got it once any attempt was good, however late that one says so', async () => {
    const id = await put(completed, ['https://a.example'])
    const { answer } = await overtaken(id)
    assert.equal((await noted(id))[0]?.status, 'WAITING')
    await answer({ result: 'sent' })
    const [delivery] = await noted(id)
    assert.equal(delivery?.status, 'SENT')
    assert.equal(delivery?.dueAt, undefined)
  })

  it('are called again when the last attempt says, whatever an earlier one says later', async () => {
    const id = await put(completed, ['https://a.example'])
    const { answer } = await overtaken(id)
    const [before] = await noted(id)
    await answer({ result: 'later', reason: 'It did not answer.' })
    assert.deepEqual((await noted(id))[0], before)
  })

  it('are given up after a day', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver(refused, refused, refused)
    await event(id, call)
    await world.letPass(id, day)
    await sweep(id, call)
    const [delivery] = await noted(id)
    assert.equal(delivery?.status, 'FAILED')
    assert.equal(delivery?.reason, 'It answered 503.')
    assert.equal(delivery?.message, undefined)
    await world.letPass(id, day)
    assert.deepEqual(await sweep(id, call), [])
    assert.equal(requests.length, 2)
  })

  it('are told of what was, where the job is under way again by now', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver(refused)
    await event(id, call)
    await world.change(id, enqueued)
    await world.letPass(id, 15)
    await sweep(id, call)
    assert.equal(requests[1]?.body, requests[0]?.body)
    assert.ok(requests[1])
  })

  const ends: [what: string, reason: RegExp, status: string, end: (id: string) => Promise<void>][] = [
    ['of a job that was deleted', /The job was deleted\./, 'FAILED', (id) => world.change(id, deleted)],
    [
      'when they were removed',
      /The webhook was removed\./,
      'FAILED',
      (id) => world.records.transact(async (tx) => tx.set(webhooks, `owner-of-${id}`, { hooks: {} })),
    ],
    [
      'when the account of their owner was disabled',
      /no active account/,
      'SKIPPED',
      (id) =>
        world.records.transact(async (tx) => {
          const { data } = await tx.get(users, `owner-of-${id}`)
          if (data) tx.set(users, `owner-of-${id}`, { ...data, disabled: true })
        }),
    ],
  ]
  for (const [what, reason, status, end] of ends) {
    it(`are not told any more ${what}`, async () => {
      const id = await put(completed, ['https://a.example'])
      const { call, requests } = receiver(refused)
      await event(id, call)
      await end(id)
      await world.letPass(id, 15)
      await sweep(id, call)
      assert.equal(requests.length, 1)
      const [delivery] = await noted(id)
      assert.equal(delivery?.status, status)
      assert.match(delivery?.reason ?? '', reason)
      assert.equal(delivery?.message, undefined)
      assert.equal(delivery?.dueAt, undefined)
    })
  }

  it('are not told of what was over before they were there', async () => {
    const id = await put(completed, ['https://a.example'], new Date())
    const { call, requests } = receiver()
    await event(id, call)
    assert.equal(requests.length, 0)
    assert.deepEqual(await noted(id), [])
  })

  it('are not told of a job that is under way', async () => {
    const id = await put(enqueued, ['https://a.example'])
    const { call, requests } = receiver()
    await event(id, call)
    assert.equal(requests.length, 0)
    assert.deepEqual(await world.noted(id), [])
  })

  it('can be sent a test, which is about no job and is tried once', async () => {
    const hook = { url: 'https://a.example', secret: 'secret', createdAt: before1970 }
    const owner = `owner-of-${await world.put(enqueued, {}, { hook })}`
    const { call, requests } = receiver(refused)
    const test = newDelivery(
      { owner, via: 'webhook', webhook: { id: 'hook', url: hook.url }, message: webhookMessage('test') },
      new Date(),
    )
    const deliveryId = randomUUID()
    await world.records.transact(async (tx) => tx.create(deliveries, deliveryId, test))
    await notify({ deliveryId }, channels(call))
    assert.equal(requests[0]?.body, '{"event":"test"}')
    assert.equal(requests[0]?.headers['Tapedeck-Event'], 'test')
    const { data } = await world.records.get(deliveries, deliveryId)
    assert.equal(data?.status, 'FAILED')
    assert.equal(data?.reason, 'It answered 503.')
  })
})
