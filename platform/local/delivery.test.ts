import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { sendLogTo } from '../../lib/log.ts'
import { openBus, type LocalBus } from './bus.ts'
import { openDatabase, type Database } from './database.ts'
import { secretHeader, startDelivery, type DeliveryOptions } from './delivery.ts'
import { messageOf, startEventGateway, type Arrival, type EventGateway } from './testing/event-gateway.ts'

describe('Delivery', { timeout: 60_000 }, () => {
  let folder: string
  let database: Database
  let bus: LocalBus
  let gateway: EventGateway
  let stop: (() => Promise<void>) | undefined
  let arrivals: Arrival[]
  /** What the functions answer. */
  let receive: (arrival: Arrival) => number | Promise<number>
  let arrived = Promise.withResolvers<void>()

  // Refused deliveries are part of these tests.
  before(() => sendLogTo(() => undefined))
  after(() => sendLogTo((line) => void process.stderr.write(line)))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-delivery-'))
    open()
    arrivals = []
    receive = () => 204
    gateway = await startEventGateway((arrival) => {
      arrivals.push(arrival)
      arrived.resolve()
      arrived = Promise.withResolvers()
      return receive(arrival)
    })
  })
  afterEach(async () => {
    await stop?.()
    stop = undefined
    gateway.close()
    database.close()
    await rm(folder, { recursive: true })
  })

  function open(): void {
    database = openDatabase(folder)
    bus = openBus(database, { SOURCE_BUCKET: 'source' }, 1)
  }
  function start(options: Partial<DeliveryOptions> = {}): void {
    stop = startDelivery(bus, { gatewayUrl: gateway.url, secret: 'only the bus knows', ...options })
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await arrived.promise
  }
  const numbers = (): unknown[] => arrivals.map(({ body }) => (messageOf(body) as { n: unknown }).n)
  const isQueueEmpty = (): boolean =>
    database.sql.prepare('SELECT count(*) AS n FROM queue').get()?.['n'] === 0

  it('posts an event in binary mode, with the secret that shows where it comes from', async () => {
    start()
    await bus.publish('work', { n: 1 })
    await until(() => arrivals.length === 1)
    const [{ name, headers } = assert.fail()] = arrivals
    assert.equal(name, 'work')
    assert.equal(headers['ce-specversion'], '1.0')
    assert.equal(headers['ce-type'], 'google.cloud.pubsub.topic.v1.messagePublished')
    assert.equal(headers['content-type'], 'application/json')
    assert.ok(headers['ce-id'] && headers['ce-source'] && headers['ce-time'])
    assert.equal(headers[secretHeader], 'only the bus knows')
  })

  it('can name any object in a header', async () => {
    start()
    const info = {
      bucket: 'source',
      name: 'ferie 🎬\n%.avi',
      generation: '1',
      size: 1,
      contentType: 'video/avi',
    }
    const rest = { storageClass: 'STANDARD' as const, crc32c: '', metadata: {}, timeCreated: new Date() }
    bus.enqueueFinalized({ ...info, ...rest })
    await until(() => arrivals.length === 1)
    const [{ headers, body } = assert.fail()] = arrivals
    assert.equal(decodeURI(String(headers['ce-subject'])), `objects/${info.name}`)
    assert.equal((body as { name: string }).name, info.name)
  })

  it('begins with what was left in the queue, the oldest first', async () => {
    for (let n = 1; n <= 5; n++) await bus.publish('sweep', { n })
    start()
    await until(() => arrivals.length === 5)
    assert.deepEqual(numbers(), [1, 2, 3, 4, 5])
  })

  it('takes an accepted event out of the queue, whichever 2xx it was', async () => {
    receive = () => 200
    start()
    await bus.publish('work', { n: 1 })
    await until(() => arrivals.length === 1)
    await stop?.()
    assert.ok(isQueueEmpty())
  })

  it('delivers again what was refused or cut off, until it is accepted', async () => {
    receive = () => {
      if (arrivals.length === 1) return 500
      if (arrivals.length === 2) throw new Error('the connection is cut')
      return 204
    }
    start()
    await bus.publish('work', { n: 1 })
    await until(() => arrivals.length === 3)
    await stop?.()
    assert.deepEqual(new Set(arrivals.map(({ headers }) => headers['ce-id'])).size, 1, 'the same event')
    assert.ok(isQueueEmpty())
  })

  it('misses no event that becomes due while it looks through the queue', async () => {
    receive = () => (arrivals.length === 1 ? 500 : 204)
    let isSlow = false
    const slow: LocalBus = {
      ...bus,
      due(names, limit) {
        const found = bus.due(names, limit)
        const dueAt = isSlow ? (bus.nextDueAt(new Date())?.getTime() ?? 0) : 0
        isSlow = false
        while (Date.now() <= dueAt);
        return found
      },
      async failed(id) {
        await bus.failed(id, 0.05)
        isSlow = true
      },
    }
    await bus.publish('work', { n: 1 })
    stop = startDelivery(slow, { gatewayUrl: gateway.url, secret: 's' })
    await until(() => arrivals.length === 2)
  })

  it('waits longer after each failure, ten minutes at most', async () => {
    receive = () => 500
    const pauses: number[] = []
    const failed = Promise.withResolvers<void>()
    // The pauses are recorded, and not kept.
    const hasty: LocalBus = {
      ...bus,
      async failed(id, retryInSeconds) {
        pauses.push(retryInSeconds)
        if (pauses.length === 12) failed.resolve()
        await bus.failed(id, pauses.length < 12 ? 0 : 3600)
      },
    }
    await bus.publish('work', { n: 1 })
    stop = startDelivery(hasty, { gatewayUrl: gateway.url, secret: 's' })
    await failed.promise
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
  })

  it('gives an event up after a day', async () => {
    receive = () => 500
    await bus.publish('work', { n: 1 })
    database.sql.prepare('UPDATE queue SET enqueued_at = ?').run(Date.now() - 25 * 60 * 60 * 1000)
    const removed = Promise.withResolvers<void>()
    const watched: LocalBus = {
      ...bus,
      async delivered(id) {
        await bus.delivered(id)
        removed.resolve()
      },
    }
    stop = startDelivery(watched, { gatewayUrl: gateway.url, secret: 's' })
    await removed.promise
    assert.equal(arrivals.length, 1)
    assert.ok(isQueueEmpty())
  })

  it('goes on when the queue cannot be written for a while', async () => {
    let isFull = true
    const full: LocalBus = {
      ...bus,
      async delivered(id) {
        if (isFull) throw new Error('database or disk is full')
        await bus.delivered(id)
      },
      async failed(id, retryInSeconds) {
        if (!isFull) await bus.failed(id, retryInSeconds)
        isFull = false
        throw new Error('database or disk is full')
      },
    }
    await bus.publish('work', { n: 1 })
    stop = startDelivery(full, { gatewayUrl: gateway.url, secret: 's' })
    await until(() => arrivals.length === 2)
    await stop()
    assert.ok(isQueueEmpty())
  })

  it('gives up a function that does not answer in time, where time is limited, and tries again', async () => {
    receive = () => (arrivals.length === 1 ? new Promise<number>(() => undefined) : 204)
    start({ timeoutSeconds: 0.1 })
    await bus.publish('work', { n: 1 })
    await until(() => arrivals.length === 2)
    await stop?.()
    assert.ok(isQueueEmpty())
  })

  it('never gives a folder more at once than it takes: what one instance takes, on as many as there are cores', async () => {
    const cores = availableParallelism()
    const most = new Map<string, number>()
    const busy = new Map<string, number>()
    // Both are functions of one folder.
    const folderOf = (name: string): string => (name === 'work' ? 'transcode' : name)
    receive = async ({ name }) => {
      const of = folderOf(name)
      busy.set(of, (busy.get(of) ?? 0) + 1)
      most.set(of, Math.max(most.get(of) ?? 0, busy.get(of) ?? 0))
      // As long as more could come, they are given the time to.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      busy.set(of, (busy.get(of) ?? 0) - 1)
      return 204
    }
    for (let n = 0; n < 4 * cores + 4; n++) {
      await bus.publish('work', { n })
      await bus.publish('sweep', { n })
      bus.enqueueFinalized({
        bucket: 'source',
        name: String(n),
        generation: '1',
        size: 1,
        contentType: 'video/avi',
        storageClass: 'STANDARD',
        crc32c: '',
        metadata: {},
        timeCreated: new Date(),
      })
    }
    start()
    await until(() => arrivals.length === 3 * (4 * cores + 4))
    assert.equal(new Set(arrivals.map(({ headers }) => headers['ce-id'])).size, arrivals.length, 'each once')
    assert.equal(most.get('transcode'), cores)
    assert.equal(most.get('sweep'), 1)
  })

  it('goes on with others while all of one folder is busy', async () => {
    const release = Promise.withResolvers<number>()
    receive = ({ name }) => (name === 'work' ? release.promise : 204)
    start()
    for (let n = 0; n < availableParallelism() + 3; n++) await bus.publish('work', { n })
    await bus.publish('sweep', { n: 'swept' })
    await until(() => arrivals.some(({ name }) => name === 'sweep'))
    release.resolve(204)
  })

  it('waits, when it is stopped, for what is under way, and begins nothing more', async () => {
    const release = Promise.withResolvers<number>()
    receive = () => release.promise
    start()
    await bus.publish('sweep', { n: 1 })
    await bus.publish('sweep', { n: 2 })
    await until(() => arrivals.length === 1)
    const stopped = stop?.()
    release.resolve(204)
    await stopped
    assert.deepEqual(numbers(), [1])
    database.close()
    open()
    assert.deepEqual(
      bus.due(['sweep'], 9).map(({ event }) => messageOf(event.data)),
      [{ n: 2 }],
    )
  })

  it('delivers after a restart what was under way and failed', async () => {
    receive = () => {
      throw new Error('the function dies')
    }
    start()
    await bus.publish('sweep', { n: 1 })
    await until(() => arrivals.length === 1)
    await stop?.()
    database.close()
    open()
    receive = () => 204
    database.sql.exec('UPDATE queue SET due_at = 0')
    start()
    await until(() => arrivals.length === 2)
    assert.deepEqual(numbers(), [1, 1])
  })
})
