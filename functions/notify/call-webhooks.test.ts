import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { newJobId } from '../../lib/jobs/names.ts'
import { completed, deleted, enqueued, failed } from '../../lib/jobs/testing.ts'
import { sendLogTo } from '../../lib/log.ts'
import { deliveries, type Delivery } from '../../lib/notifications/delivery.ts'
import { sign, webhooks } from '../../lib/notifications/webhook.ts'
import { localPlatform, type LocalPlatform } from '../../platform/local/platform.ts'
import type { Query } from '../../platform/ports.ts'
import { sweepDeliveries } from '../sweep/deliveries.ts'
import { callWebhooks } from './call-webhooks.ts'
import type { WebhookOutcome, WebhookRequest } from './webhook.ts'

const before1970 = new Date(-1)
const day = 24 * 60 * 60 * 1000

describe('The webhooks of an owner', { timeout: 30_000 }, () => {
  let folder: string
  let local: LocalPlatform
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-webhooks-'))
    process.env['DATA_DIR'] = folder
    local = await localPlatform()
    sendLogTo(() => undefined)
  })
  after(async () => {
    await local.close()
    await rm(folder, { recursive: true })
  })

  /** A job of somebody's who has webhooks at these URLs, and nobody else has. */
  async function put(job: Job, urls: string[], createdAt = before1970): Promise<string> {
    const id = newJobId()
    const records = await local.records()
    const owner = `owner-of-${id}`
    await records.transact(async (tx) => {
      tx.set(jobs, id, { ...job, owner })
      for (const [n, url] of urls.entries())
        tx.set(webhooks, `${id}-hook-${n}`, { owner, url, secret: `secret of ${url}`, createdAt })
    })
    return id
  }

  /** Answers every call with the next of these outcomes, at last with success, and remembers what it was called with. */
  function receiver(...outcomes: WebhookOutcome[]): { call: typeof call; requests: WebhookRequest[] } {
    const requests: WebhookRequest[] = []
    const call = async (request: WebhookRequest): Promise<WebhookOutcome> => {
      requests.push(request)
      return outcomes.shift() ?? { delivered: true }
    }
    return { call, requests }
  }

  async function noted(jobId: string): Promise<Delivery[]> {
    const records = await local.records()
    const { records: found } = await records.query({
      collection: deliveries,
      where: [{ field: 'jobId', is: '==', value: jobId }],
      orderBy: { field: 'jobId', direction: 'asc' },
      limit: 100,
    })
    return found.map(({ data }) => data)
  }

  /** As if so much time had gone by. */
  async function letPass(jobId: string, milliseconds: number): Promise<void> {
    const records = await local.records()
    const [delivery = assert.fail('nothing was noted')] = await noted(jobId)
    const earlier = (time: Date): Date => new Date(time.getTime() - milliseconds)
    const { dueAt, createdAt } = delivery
    const id = `${jobId}.${Object.keys(completed.timeline).length}.${jobId}-hook-0`
    await records.transact(async (tx) =>
      tx.set(deliveries, id, {
        ...delivery,
        createdAt: earlier(createdAt),
        ...(dueAt && { dueAt: earlier(dueAt) }),
      }),
    )
  }

  const refused: WebhookOutcome = { delivered: false, reason: 'It answered 503.' }

  it('are each told once of the end of a job, as the API shows it, however often and at once the event comes', async () => {
    const id = await put(completed, ['https://a.example', 'https://b.example'])
    const { call, requests } = receiver()
    await Promise.all(Array.from({ length: 5 }, () => callWebhooks(id, call)))
    await callWebhooks(id, call)
    assert.deepEqual(requests.map(({ url }) => url).toSorted(), ['https://a.example', 'https://b.example'])
    const { event, job } = JSON.parse(requests[0]?.body ?? '') as {
      event: string
      job: Record<string, unknown>
    }
    assert.equal(event, 'job.completed')
    assert.equal(job['id'], id)
    assert.equal(job['status'], 'MP3_COMPLETED')
    assert.equal(job['outbox'], undefined, 'what is internal stays so')
    for (const delivery of await noted(id)) {
      assert.equal(delivery.status, 'SENT')
      assert.equal(delivery.attempts, 1)
      assert.equal(delivery.body, undefined)
      assert.equal(delivery.dueAt, undefined)
    }
  })

  it('are told by one only, where several have seen at the same time that it is due', async (t) => {
    const id = await put(completed, ['https://a.example'])
    const records = await local.records()
    const { query } = records
    const allHaveSeen = Promise.withResolvers<void>()
    let looking = 0
    t.mock.method(records, 'query', async <T>(asked: Query<T>) => {
      const result = await query(asked)
      if (asked.collection.name !== deliveries.name) return result
      if (++looking === 3) allHaveSeen.resolve()
      await allHaveSeen.promise
      return result
    })
    // The call lasts until the others have gone away, or call too.
    const othersAreDone = Promise.withResolvers<void>()
    let calls = 0
    let left = 3
    const call = async (): Promise<WebhookOutcome> => {
      if (++calls > 1) othersAreDone.resolve()
      await othersAreDone.promise
      return { delivered: true }
    }
    const tell = async (): Promise<void> => {
      await callWebhooks(id, call)
      if (--left === 1) othersAreDone.resolve()
    }
    await Promise.all([tell(), tell(), tell()])
    assert.equal(calls, 1)
  })

  it('get the signature by their own secret, and the id of the delivery', async () => {
    const id = await put(failed, ['https://a.example'])
    const { call, requests } = receiver()
    await callWebhooks(id, call)
    const [{ headers, body } = assert.fail('it was not called')] = requests
    const [, seconds = ''] = /^t=(\d+),/.exec(headers['Tapedeck-Signature'] ?? '') ?? []
    assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60)
    const expected = sign(body, 'secret of https://a.example', new Date(Number(seconds) * 1000))
    assert.equal(headers['Tapedeck-Signature'], expected)
    assert.match(headers['Tapedeck-Delivery'] ?? '', new RegExp(`^${id}\\.`))
    assert.equal((JSON.parse(body) as { event: string }).event, 'job.failed')
  })

  it('are told again when they did not take it: the same, but not before its time', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver(refused)
    await callWebhooks(id, call)
    const [waiting] = await noted(id)
    assert.equal(waiting?.status, 'WAITING')
    assert.equal(waiting?.reason, 'It answered 503.')
    await callWebhooks(id, call)
    assert.equal(requests.length, 1, 'its time has not come')
    await letPass(id, 40_000)
    await callWebhooks(id, call)
    assert.equal(requests.length, 2)
    assert.equal(requests[1]?.body, requests[0]?.body)
    assert.equal(requests[1]?.headers['Tapedeck-Delivery'], requests[0]?.headers['Tapedeck-Delivery'])
    const [sent] = await noted(id)
    assert.equal(sent?.status, 'SENT')
    assert.equal(sent?.attempts, 2)
    assert.equal(sent?.reason, undefined)
  })

  it('are told again when whoever told them has died over it', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver()
    await assert.rejects(
      callWebhooks(id, () => Promise.reject(new Error('killed'))),
      /killed/,
    )
    assert.equal((await noted(id))[0]?.status, 'SENDING')
    await callWebhooks(id, call)
    assert.equal(requests.length, 0, 'they may still be at it')
    await letPass(id, 70_000)
    await callWebhooks(id, call)
    assert.equal(requests.length, 1)
  })

  it('are given up after a day', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver(refused, refused, refused)
    await callWebhooks(id, call)
    await letPass(id, day)
    await callWebhooks(id, call)
    const [delivery] = await noted(id)
    assert.equal(delivery?.status, 'FAILED')
    assert.equal(delivery?.reason, 'It answered 503.')
    assert.equal(delivery?.body, undefined)
    await callWebhooks(id, call)
    assert.equal(requests.length, 2)
  })

  it('are told of what was, where the job is under way again by now', async () => {
    const id = await put(completed, ['https://a.example'])
    const { call, requests } = receiver(refused)
    await callWebhooks(id, call)
    const records = await local.records()
    await records.transact(async (tx) => tx.set(jobs, id, { ...enqueued, owner: `owner-of-${id}` }))
    await letPass(id, 40_000)
    await callWebhooks(id, call)
    assert.equal(requests[1]?.body, requests[0]?.body)
    assert.ok(requests[1])
  })

  it('are not told any more of a job that was deleted, nor when they were removed', async () => {
    for (const remove of ['job', 'webhook'] as const) {
      const id = await put(completed, ['https://a.example'])
      const { call, requests } = receiver(refused)
      await callWebhooks(id, call)
      const records = await local.records()
      await records.transact(async (tx) => {
        if (remove === 'job') tx.set(jobs, id, { ...deleted, owner: `owner-of-${id}` })
        else tx.delete(webhooks, `${id}-hook-0`)
      })
      await letPass(id, 40_000)
      await callWebhooks(id, call)
      assert.equal(requests.length, 1)
      const [delivery] = await noted(id)
      assert.equal(delivery?.status, 'FAILED')
      assert.match(delivery?.reason ?? '', new RegExp(`The ${remove} was (deleted|removed)\\.`))
      assert.equal(delivery?.body, undefined)
    }
  })

  it('are not told of what was over before they were there', async () => {
    const id = await put(completed, ['https://a.example'], new Date())
    const { call, requests } = receiver()
    await callWebhooks(id, call)
    assert.equal(requests.length, 0)
  })

  it('are not told of a job that is under way', async () => {
    const id = await put(enqueued, ['https://a.example'])
    const { call, requests } = receiver()
    await callWebhooks(id, call)
    assert.equal(requests.length, 0)
    assert.deepEqual(await noted(id), [])
  })

  it('have sweep look after what is due, by one message for each job', async () => {
    const due = await put(completed, ['https://a.example'])
    const resting = await put(completed, ['https://a.example'])
    for (const id of [due, resting]) await callWebhooks(id, receiver(refused).call)
    await letPass(due, 40_000)
    await sweepDeliveries()
    const bus = await local.bus()
    const messages = bus.due(['notify'], 100).map(({ event }) => {
      const { message } = event.data as { message: { data: string } }
      return (JSON.parse(Buffer.from(message.data, 'base64').toString()) as { jobId: string }).jobId
    })
    assert.ok(!messages.includes(resting))
    assert.equal(messages.filter((id) => id === due).length, 1)
  })
})
