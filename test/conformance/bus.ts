import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { MessageBus } from '../../platform/ports.ts'

/** Gets every message of a topic; a message for which this rejects was not accepted. */
export type Subscriber = (topic: string, data: unknown) => Promise<void>

export interface MessageBusUnderTest {
  bus: MessageBus
  close: () => Promise<void>
}

/** What every MessageBus must do. Both topics hand all their messages to the subscriber. */
export function messageBusConformance(
  name: string,
  [topic, otherTopic]: readonly [string, string],
  makeBus: (subscriber: Subscriber) => Promise<MessageBusUnderTest>,
): void {
  describe(`MessageBus on ${name}`, { timeout: 300_000 }, () => {
    const received: { topic: string; data: unknown }[] = []
    let made: MessageBusUnderTest
    let bus: MessageBus
    /** How many more deliveries of a message, by its `test`, are to fail. */
    const failures = new Map<unknown, number>()
    let arrived = Promise.withResolvers<void>()

    async function subscriber(from: string, data: unknown): Promise<void> {
      received.push({ topic: from, data })
      arrived.resolve()
      arrived = Promise.withResolvers<void>()
      const test = testOf(data)
      const left = failures.get(test) ?? 0
      if (left === 0) return
      failures.set(test, left - 1)
      throw new Error('not this time')
    }

    before(async () => {
      made = await makeBus(subscriber)
      ;({ bus } = made)
    })
    after(() => made.close())

    /** The deliveries of this test's messages, once they are as wanted. */
    async function deliveries(
      test: string,
      areThere: (found: typeof received) => boolean,
    ): Promise<typeof received> {
      for (;;) {
        const found = received.filter(({ data }) => testOf(data) === test)
        if (areThere(found)) return found
        await arrived.promise
      }
    }

    it('hands a message over as it was published', async () => {
      const test = randomUUID()
      const message = {
        test,
        text: 'Grüße, 世界 🎬 "\n\u0001',
        number: -1.5,
        nothing: null,
        nested: { list: [1, 'two', { three: true }], empty: {} },
      }
      await bus.publish(topic, message)
      const [delivery] = await deliveries(test, (found) => found.length > 0)
      assert.deepEqual(delivery, { topic, data: message })
    })

    it('hands over an empty message', async () => {
      const earlier = received.length
      await bus.publish(topic, {})
      const isEmpty = ({ data }: { data: unknown }): boolean => Object.keys(data as object).length === 0
      while (!received.slice(earlier).some(isEmpty)) await arrived.promise
    })

    it('hands over every message, published at once or one after the other', async () => {
      const test = randomUUID()
      await Promise.all(Array.from({ length: 30 }, (_, n) => bus.publish(topic, { test, n })))
      for (let n = 30; n < 40; n++) await bus.publish(topic, { test, n })
      const numbers = (found: typeof received): Set<unknown> =>
        new Set(found.map(({ data }) => (data as { n: unknown }).n))
      const found = await deliveries(test, (all) => numbers(all).size === 40)
      assert.deepEqual(numbers(found), new Set(Array.from({ length: 40 }, (_, n) => n)))
    })

    it("hands a message to its own topic's subscriber only", async () => {
      const test = randomUUID()
      await bus.publish(otherTopic, { test, to: otherTopic })
      await bus.publish(topic, { test, to: topic })
      const found = await deliveries(test, (all) => new Set(all.map((delivery) => delivery.topic)).size === 2)
      for (const delivery of found) assert.equal((delivery.data as { to: unknown }).to, delivery.topic)
    })

    it('hands a message over again until it is accepted', async () => {
      const test = randomUUID()
      failures.set(test, 2)
      await bus.publish(topic, { test })
      await deliveries(test, (all) => all.length >= 3)
      assert.equal(failures.get(test), 0)
    })

    it('hands others over while one is refused', async () => {
      const [refused, fine] = [randomUUID(), randomUUID()]
      failures.set(refused, 1)
      await bus.publish(topic, { test: refused })
      await deliveries(refused, (all) => all.length > 0)
      await bus.publish(topic, { test: fine })
      await deliveries(fine, (all) => all.length > 0)
      await deliveries(refused, (all) => all.length >= 2)
    })
  })
}

const testOf = (data: unknown): unknown => (data as { test?: unknown }).test
