import { randomUUID } from 'node:crypto'
import { describe } from 'node:test'
import { PubSub, type Subscription } from '@google-cloud/pubsub'
import { openBus } from '../../platform/gcp/bus.ts'
import { messageBusConformance } from '../conformance/bus.ts'
import { emulator, projectId, skipWithout } from './emulators.ts'

const topics = [`work-${randomUUID()}`, `finished-${randomUUID()}`] as const

describe('Pub/Sub', { skip: skipWithout('pubsub') }, () => {
  messageBusConformance('the Pub/Sub emulator', topics, async (subscriber) => {
    const pubsub = new PubSub({ projectId, apiEndpoint: await emulator('pubsub'), emulatorMode: true })
    const subscriptions: Subscription[] = []
    for (const topic of topics) {
      await pubsub.createTopic(topic)
      const [subscription] = await pubsub.createSubscription(topic, topic)
      subscriptions.push(subscription)
      subscription.on('message', (message) => {
        const data: unknown = JSON.parse(message.data.toString())
        subscriber(topic, data).then(
          () => message.ack(),
          () => message.nack(),
        )
      })
    }
    async function close(): Promise<void> {
      for (const subscription of subscriptions) await subscription.close()
      await pubsub.close()
    }
    return { bus: openBus(pubsub), close }
  })
})
