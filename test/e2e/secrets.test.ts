import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newEmail, signUp, userPassword, type User } from '../accounts.ts'
import { basic, Client, sending } from '../client.ts'
import { freePort } from '../free-port.ts'
import { makeVideo, noVideo } from '../media.ts'
import { deliveriesPath, deliveryOnce, settingsPath, type Notifications } from '../notifications.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

const smtpPassword = 'what-the-mail-server-asks'
const wrongPassword = 'mistyped, and perhaps right elsewhere'
const hookPath = '/hooks/known-to-its-owner-alone'

describe('What nobody may read in the log', { skip: unavailable, timeout: 120_000 }, () => {
  let server: TestServer
  let user: User
  let video: Buffer<ArrayBuffer>
  let closed: number
  /** What it is, and the secret itself. */
  const secrets = new Map([
    ['the password of the mail server', smtpPassword],
    ['a password', userPassword],
    ['a wrong password', wrongPassword],
    ['the path of a webhook', hookPath],
  ])
  before(async () => {
    // Nobody listens there: mails and calls fail, and what has failed is logged.
    closed = await freePort()
    server = await startServer({
      env: {
        SMTP_URL: `smtp://tapedeck:${smtpPassword}@127.0.0.1:${closed}`,
        MAIL_FROM: 'tapedeck@example.com',
        WEBHOOK_ALLOW_PRIVATE: '1',
        SWEEP_SECONDS: '1',
      },
    })
    secrets.set('the password of the admin', server.password)
    secrets.set("the admin's token", server.token)
    user = await signUp(new Client(server))
    video = await makeVideo({ format: ['avi'], audio: ['mp3'], seconds: 1 })
  })
  after(() => server?.stop())

  it('is sent on all the ways that there are', async () => {
    const { webhooks } = await user.json<Notifications>(
      settingsPath,
      sending('PUT', { webhooks: [{ url: `http://127.0.0.1:${closed}${hookPath}` }] }),
    )
    secrets.set('the secret of a webhook', webhooks[0]?.secret ?? '')
    secrets.set("a user's token", user.token)
    for (const email of [user.email, newEmail()]) {
      const headers = { authorization: basic(email, wrongPassword) }
      assert.equal((await user.fetch('/auth/login', { method: 'POST', headers })).status, 401)
    }
    await new Client({ apiUrl: server.apiUrl, token: `${user.token}x` }).fetch('/auth/me')

    const { job, uploadUrl } = await user.openSession({ filename: 'session.avi', size: video.length })
    secrets.set('the URL of an upload session', new URL(uploadUrl).searchParams.get('upload_id') ?? '')
    await fetch(uploadUrl, { method: 'PUT', headers: { 'content-range': 'bytes 5-4/3' }, body: video })
    assert.equal((await fetch(uploadUrl, { method: 'PUT', body: video })).status, 200)
    await user.completed(job.id)

    const { url } = await user.json<{ url: string }>(`/download/${job.id}?format=json`)
    secrets.set('a signed URL', signatureOf(url))
    await fetch(url.replace('.mp3', '.mp4'))
    const redirect = await user.fetch(`/download/${job.id}/video`)
    secrets.set('a signed URL of a redirect', signatureOf(redirect.headers.get('location') ?? ''))
    const streamPath = await user.openStream(job.id)
    secrets.set("a stream's token", streamPath.split('token=')[1] ?? '')
    await user.fetch(streamPath, { headers: { range: 'bytes=0-9' } })
    await user.fetch(streamPath.replace(job.id, '01a00000-0000-7000-8000-000000000000'))
  })

  it('is not there: neither for what went well nor for what failed', async () => {
    const { id } = await user.upload({ filename: 'no video.avi', bytes: noVideo })
    await user.failed(id)
    await deliveryOnce(user, deliveriesPath(id), ({ via, attempts }) => via === 'mail' && attempts > 0)
    await deliveryOnce(user, deliveriesPath(id), ({ via, attempts }) => via === 'webhook' && attempts > 0)
    await server.stop()
    const log = server.log()
    assert.match(log, /A job has failed/)
    assert.match(log, /A delivery was not made/)
    for (const [what, secret] of secrets) {
      assert.ok(secret.length >= 8, what)
      for (const form of [secret, encodeURIComponent(secret), btoa(secret)])
        assert.ok(!log.includes(form), `${what} is in the log:\n${lineWith(log, form)}`)
    }
  })
})

/** What makes a signed URL worth something, on either platform. */
function signatureOf(url: string): string {
  const { searchParams } = new URL(url)
  const signature = searchParams.get('X-Goog-Signature') ?? searchParams.get('signature')
  assert.ok(signature, url)
  return signature
}

const lineWith = (log: string, secret: string): string | undefined =>
  log.split('\n').find((line) => line.includes(secret))
