import { PubSub } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import { functions, topics, type CloudFunction } from '../../lib/functions.ts'

export interface Cloud {
  projectId: string
  /** By the variable that names them. */
  buckets: { SOURCE_BUCKET: string; TARGET_BUCKET: string }
  /** Gets what is published for a function at `/<function>`, as a push subscription sends it. */
  eventsUrl: string
}

/** The names of a project's buckets. */
export const bucketsOf = (projectId: string): Cloud['buckets'] => ({
  SOURCE_BUCKET: `${projectId}-source`,
  TARGET_BUCKET: `${projectId}-target`,
})

/** The longest there is: a subscriber that takes longer gets the message once more. */
const ackDeadlineSeconds = 600

/** Makes what a deployment makes of a project, as far as the emulators have it. What is there already stays. */
export async function makeCloud({ projectId, buckets, eventsUrl }: Cloud): Promise<void> {
  const storage = new Storage({ projectId })
  storage.baseUrl = `${storage.apiEndpoint}/storage/v1`
  const pubsub = new PubSub({ projectId })
  for (const topic of topics) await unlessThere(() => pubsub.createTopic(topic))
  for (const bucket of Object.values(buckets)) await unlessThere(() => storage.createBucket(bucket))
  const entries: [name: string, entry: CloudFunction][] = Object.entries(functions)
  for (const [name, { trigger }] of entries) {
    if (trigger.kind === 'http') continue
    const topic = trigger.kind === 'topic' ? trigger.topic : `objects-of-${name}`
    if (trigger.kind === 'finalize') {
      await unlessThere(async () => {
        await pubsub.createTopic(topic)
        await notify(storage, buckets[trigger.bucket], `projects/${projectId}/topics/${topic}`)
      })
    }
    const pushConfig = { pushEndpoint: `${eventsUrl}/${name}` }
    await unlessThere(() => pubsub.createSubscription(topic, name, { pushConfig, ackDeadlineSeconds }))
    // The last start's address is no longer that of this one.
    await pubsub.subscription(name).modifyPushConfig(pushConfig)
  }
  await pubsub.close()
}

/** Every new object of the bucket becomes a message of the topic: that is what an event trigger is made of. */
async function notify(storage: Storage, bucket: string, topic: string): Promise<void> {
  await storage.bucket(bucket).createNotification(topic, {
    eventTypes: ['OBJECT_FINALIZE'],
    payloadFormat: 'JSON_API_V1',
  })
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // ALREADY_EXISTS by gRPC, Conflict by HTTP.
    if (code !== 6 && code !== 409) throw error
  }
}
