import type { PubSub } from '@google-cloud/pubsub'
import type { MessageBus } from '../ports.ts'

/** The topics of Pub/Sub. */
export function openBus(pubsub: PubSub): MessageBus {
  return {
    async publish(topic, data) {
      await pubsub.topic(topic, { batching: { maxMessages: 1 } }).publishMessage({ json: data })
    },
  }
}
