import { noVideo } from '../media.ts'
import { ask, limited, post, session, type Asks } from './ask.ts'

/** Jobs: listed, followed, deleted, retried. */
export const jobAsks: Asks = {
  'getHealth 200 application/json': ask('/status/health'),
  'listJobs 200 application/json': ask('/status?limit=1&filename=small&status=MP3_COMPLETED'),
  'listJobs 422 UNPROCESSABLE': ask('/status?status=DELETED'),
  'followJobs 200 text/event-stream': ask('/status/events?owner=me'),
  'followJobs 422 UNPROCESSABLE': ask('/status/events?owner=somebody'),
  'getJob 200 application/json': ask(({ failed }) => `/status/${failed.id}`),
  'deleteJob 204': async ({ client }) => {
    const { job } = await client.openSession({ filename: 'a.mp4', size: 1 })
    return client.fetch(`/status/${job.id}`, { method: 'DELETE' })
  },
  'followJob 200 text/event-stream': ask(({ waiting }) => `/status/${waiting.id}/events`),
  'retryJob 202 application/json': post(({ failed }) => `/status/${failed.id}/retry`),
  'retryJob 409 CONFLICT': post(({ small }) => `/status/${small.id}/retry`),
  'retryJob 409 SOURCE_GONE': ({ elsewhere, sourceless }) =>
    elsewhere.fetch(`/status/${sourceless.id}/retry`, { method: 'POST' }),
  'retryJob 429 TOO_MANY_JOBS': async (world) => {
    const user = await limited(world, { jobs: 1 })
    const { id } = await user.failed((await user.upload({ filename: 'no.mp4', bytes: noVideo })).id)
    await user.json('/upload/sessions', session(), 201)
    return user.fetch(`/status/${id}/retry`, { method: 'POST' })
  },
  'listDeliveries 200 application/json': ask(({ failed }) => `/status/${failed.id}/deliveries`),
}
