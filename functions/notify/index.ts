import { readConfig } from '../../lib/config.ts'
import { topicFunction } from '../shared/event-function.ts'
import { callWebhooks } from './call-webhooks.ts'
import { mailOwner } from './mail-owner.ts'
import { mailer, pageUrl } from './settings.ts'
import { callWebhook } from './webhook.ts'

const { WEBHOOK_ALLOW_PRIVATE: allowPrivate } = readConfig(['WEBHOOK_ALLOW_PRIVATE'])

topicFunction('notify', async ({ jobId }) => {
  if (jobId === undefined) return
  // One that fails must not keep the owner from the other; and both are over before this is.
  const told = await Promise.allSettled([
    mailOwner(jobId, pageUrl, mailer),
    callWebhooks(jobId, (request) => callWebhook(request, { allowPrivate })),
  ])
  for (const outcome of told) if (outcome.status === 'rejected') throw outcome.reason
})
