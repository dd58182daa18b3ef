import type { JobView } from '../jobs/view.ts'

export type WebhookEvent = 'job.completed' | 'job.failed' | 'test'

/** What a webhook is sent. */
export interface WebhookMessage {
  event: WebhookEvent
  /** JSON: the event, and the job that it is about. */
  body: string
}

export const webhookMessage = (event: WebhookEvent, job?: JobView): WebhookMessage => ({
  event,
  body: JSON.stringify({ event, job }),
})
