import { cloudEvent, type CloudEvent } from '@google-cloud/functions-framework'
import * as z from 'zod'
import { executionOf, inExecution } from '../../lib/execution.ts'
import type { FunctionName } from '../../lib/functions.ts'
import { log } from '../../lib/log.ts'
import { isDeliveryId } from '../../lib/notifications/delivery.ts'
import { accessMessage } from '../../lib/tiers/access.ts'
import { objectMeant } from '../../lib/tiers/tiered-object.ts'
import { untilDone } from './shutdown.ts'

/** What our own messages say: which job, delivery or object they are about, where they are about one. */
const message = z.object({
  jobId: z.uuid().optional(),
  deliveryId: z.string().refine(isDeliveryId, 'must be the id of a delivery').optional(),
  accesses: z.array(accessMessage).optional(),
  /** What messages said before they told of several. */
  access: accessMessage.optional(),
  /** In the target bucket: its class is to be looked at. */
  object: z
    .string()
    .refine((name) => objectMeant(name) === name, 'must be an MP3 or MP4 of a job')
    .optional(),
  /** The table of levels has changed. */
  levelsChanged: z.boolean().optional(),
})
export type Message = z.infer<typeof message>

const published = z.object({ message: z.object({ data: z.base64() }) })

/** The object resource of a storage event, as far as it is used. Its numbers are strings. */
const finalizedObject = z.object({
  bucket: z.string(),
  name: z.string(),
  generation: z.string(),
  size: z.coerce.number(),
  contentType: z.string().default('application/octet-stream'),
  metadata: z.record(z.string(), z.string()).default({}),
  timeCreated: z.coerce.date(),
})
export type FinalizedObject = z.infer<typeof finalizedObject>

/** Registers a function that gets every message of its topic, at least once. */
export function topicFunction(name: FunctionName, handle: (message: Message) => Promise<void>): void {
  eventFunction(
    name,
    'google.cloud.pubsub.topic.v1.messagePublished',
    (data) => {
      const json = Buffer.from(published.parse(data).message.data, 'base64').toString()
      return message.parse(JSON.parse(json))
    },
    handle,
  )
}

/** Registers a function that gets every new object of its bucket, at least once. */
export function finalizeFunction(
  name: FunctionName,
  handle: (object: FinalizedObject) => Promise<void>,
): void {
  eventFunction(
    name,
    'google.cloud.storage.object.v1.finalized',
    (data) => finalizedObject.parse(data),
    handle,
  )
}

/**
 * An event is accepted when `handle` resolves, and delivered again when it throws. One that cannot be read would come again
 * for ever: it is logged and accepted.
 */
function eventFunction<T>(
  name: FunctionName,
  type: string,
  read: (data: unknown) => T,
  handle: (value: T) => Promise<void>,
): void {
  async function accept(event: CloudEvent<unknown>): Promise<void> {
    let value: T
    try {
      if (event.type !== type) throw new TypeError(`The event is of type ${event.type}, not ${type}.`)
      value = read(event.data)
    } catch (error) {
      log.error(`${name} drops an event that it cannot read`, error, { event: event.id })
      return
    }
    try {
      await handle(value)
    } catch (error) {
      log.error(`${name} has failed, and gets the event again`, error, { event: event.id })
      throw error
    }
  }

  cloudEvent(name, (event: CloudEvent<unknown>) => {
    // An extension of CloudEvents, where whoever sent it takes part in a trace.
    const { traceparent } = event as { traceparent?: string }
    return inExecution(executionOf(traceparent === undefined ? {} : { traceparent }), () =>
      untilDone(() => accept(event)),
    )
  })
}
