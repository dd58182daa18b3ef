import type { PubSub } from '@google-cloud/pubsub'
import type { MessageBus } from '../ports.ts'
import { explain } from './explain.ts'

/** The topics of Pub/Sub. */
export function openBus(pubsub: PubSub): MessageBus {
  return {
    async publish(topic, data) {
      try {
        await pubsub.topic(topic, { batching: { maxMessages: 1 } }).publishMessage({ json: data })
      } catch (error) {
        // The client may have found out only now which project this is.
        throw explain(error, { kind: 'topic', name: topic, project: pubsub.projectId })
      }
    },
  }
}
