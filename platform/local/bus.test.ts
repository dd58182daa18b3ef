import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { sendLogTo } from '../../lib/log.ts'
import { messageBusConformance } from '../../test/conformance/bus.ts'
import type { ObjectInfo } from '../ports.ts'
import { openBus, type LocalBus } from './bus.ts'
import { openDatabase, type Database } from './database.ts'
import { startDelivery } from './delivery.ts'
import { messageOf, startEventGateway } from './testing/event-gateway.ts'

const buckets = { SOURCE_BUCKET: 'source', TARGET_BUCKET: 'target' }

// Refused deliveries are part of these tests.
before(() => sendLogTo(() => undefined))
after(() => sendLogTo((line) => void process.stderr.write(line)))

messageBusConformance('this machine', ['work', 'sweep'], async (subscriber) => {
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-bus-'))
  const database = openDatabase(folder)
  const bus = openBus(database, buckets, 1)
  const gateway = await startEventGateway(async ({ name, body }) => {
    try {
      // The functions of these topics have their names.
      await subscriber(name, messageOf(body))
      return 204
    } catch {
      return 500
    }
  })
  const stop = startDelivery(bus, { gatewayUrl: gateway.url, secret: 's' })
  return {
    bus,
    async close() {
      await stop()
      gateway.close()
      database.close()
      await rm(folder, { recursive: true })
    },
  }
})

describe('The queue on this machine', () => {
  let folder: string
  let database: Database
  let bus: LocalBus
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-bus-'))
    open()
  })
  afterEach(async () => {
    database.close()
    await rm(folder, { recursive: true })
  })

  function open(copies: 1 | 2 = 1): void {
    database = openDatabase(folder)
    bus = openBus(database, buckets, copies)
  }
  const queued = (): unknown[] => bus.due(['work'], 100).map(({ event }) => messageOf(event.data))

  it('keeps messages in their order until they are delivered, and through a restart', async () => {
    for (let n = 1; n <= 3; n++) await bus.publish('work', { n })
    const [first] = bus.due(['work'], 1)
    assert.ok(first)
    await bus.delivered(first.id)
    database.close()
    open()
    assert.deepEqual(queued(), [{ n: 2 }, { n: 3 }])
  })

  it('knows how often a delivery has failed, and holds it back for so long', async () => {
    await bus.publish('work', { n: 1 })
    const [first] = bus.due(['work'], 1)
    assert.ok(first)
    assert.equal(bus.nextDueAt(new Date()), undefined, 'it is due already')
    await bus.failed(first.id, 3600)
    assert.deepEqual(queued(), [])
    assert.ok((bus.nextDueAt(new Date())?.getTime() ?? 0) > Date.now() + 3_500_000)
    await bus.failed(first.id, -1)
    assert.deepEqual(
      bus.due(['work'], 1).map(({ failures, id }) => [failures, id]),
      [[2, first.id]],
    )
  })

  it('gives the oldest first of several functions, and no more than is asked for', async () => {
    for (const topic of ['work', 'sweep', 'work', 'finished', 'sweep']) await bus.publish(topic, {})
    const due = bus.due(['sweep', 'work'], 3)
    assert.deepEqual(
      due.map(({ function: name }) => name),
      ['work', 'sweep', 'work'],
    )
  })

  it('does not give those again that are on their way', async () => {
    for (let n = 1; n <= 3; n++) await bus.publish('work', { n })
    const [first, second] = bus.due(['work'], 2)
    assert.ok(first && second)
    const next = bus.due(['work'], 2, [first.id, second.id])
    assert.deepEqual(
      next.map(({ event }) => messageOf(event.data)),
      [{ n: 3 }],
    )
  })

  it('keeps nothing of a topic that nobody subscribes to', async () => {
    await bus.publish('no-such-topic', {})
    assert.equal(database.sql.prepare('SELECT count(*) AS n FROM queue').get()?.['n'], 0)
  })

  it('has every event twice where it is to be like the cloud: the same event, delivered each by itself', async () => {
    database.close()
    open(2)
    await bus.publish('work', { n: 1 })
    const [one, two, ...others] = bus.due(['work'], 9)
    assert.ok(one && two && others.length === 0)
    assert.notEqual(one.id, two.id)
    assert.deepEqual(one.event, two.event)
    await bus.delivered(one.id)
    assert.deepEqual(queued(), [{ n: 1 }])
  })

  describe('of finalize events', () => {
    const object: ObjectInfo = {
      bucket: 'source',
      name: 'ferie 🎬/a.avi',
      generation: '9007199254740993',
      size: 5_000_000_000,
      contentType: 'video/avi',
      storageClass: 'STANDARD',
      crc32c: 'AAAAAA==',
      metadata: { owner: 'someone' },
      timeCreated: new Date('2026-01-01T00:00:00.123Z'),
    }

    it('has an event as Cloud Storage sends it, its numbers as texts', () => {
      database.transaction(() => bus.enqueueFinalized(object))
      const [{ event } = assert.fail('nothing was queued')] = bus.due(['transcode'], 1)
      assert.equal(event.type, 'google.cloud.storage.object.v1.finalized')
      assert.equal(event.source, '//storage.googleapis.com/projects/_/buckets/source')
      assert.equal(event.subject, 'objects/ferie 🎬/a.avi')
      assert.equal(event.time, '2026-01-01T00:00:00.123Z')
      const { bucket, name, generation, contentType, storageClass, crc32c, metadata } = object
      const expected = { bucket, name, generation, contentType, storageClass, crc32c, metadata }
      const data = event.data as Record<string, unknown>
      for (const [field, value] of Object.entries(expected)) assert.deepEqual(data[field], value, field)
      assert.equal(data['size'], '5000000000')
    })

    it('has none for a bucket that no function listens to', () => {
      bus.enqueueFinalized({ ...object, bucket: 'target' })
      assert.deepEqual(bus.due(['transcode', 'work', 'sweep'], 9), [])
    })

    it('has none for an object whose own transaction did not happen', () => {
      assert.throws(() =>
        database.transaction(() => {
          bus.enqueueFinalized(object)
          throw new Error('the object could not be written')
        }),
      )
      assert.deepEqual(bus.due(['transcode'], 9), [])
    })
  })
})
