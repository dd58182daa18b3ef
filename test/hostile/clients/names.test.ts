import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'content-disposition'
import { savedAs } from '../../../lib/jobs/names.ts'
import { basic, Client, sending, type JobView } from '../../client.ts'
import { startMailServer, type MailServer } from '../../mail-server.ts'
import { makeVideo, noVideo } from '../../media.ts'
import { settingsPath, type Notifications } from '../../notifications.ts'
import { startServer, unavailable, type TestServer } from '../../server.ts'
import { times } from '../effort.ts'
import { errorsIn } from './testing/log.ts'
import { send } from './testing/request.ts'

/** As it stands in the form, and as it is called from then on. */
const filenames: [what: string, sent: string, kept: string][] = [
  [
    'line ends, quotes, controls and a turn of the direction',
    'a%0D%0ABcc: v@example.com%0D%0A\x1b[31m%22; filename=%22\u202Eb.avi',
    'aBcc: v@example.com[31m"; filename="\u202Eb.avi',
  ],
  ['1000 letters', '가'.repeat(1000), '가'.repeat(1000)],
  ['what is no UTF-8', 'a\xff\xfe.avi', 'a\uFFFD\uFFFD.avi'],
  ['line ends', 'a%0D%0ABcc: victim@example.com%0D%0A%0D%0Ab.avi', 'aBcc: victim@example.comb.avi'],
  ['quotes', 'a%22; filename=%22evil.exe', 'a"; filename="evil.exe'],
  ['a turn of the direction', 'song\u202E3pm.avi', 'song\u202E3pm.avi'],
  ['a NUL and other controls', 'a\0\x07\x1b[31mb\x7f.avi', 'a[31mb.avi'],
  ['a backslash before a quote', 'a\\\\%22; x=.avi', '"; x=.avi'],
  ['folders', '../../../etc/passwd', 'passwd'],
  ['dots only', '....', '....'],
  ['an emoji of several', '👩‍👩‍👧🏽.avi', '👩‍👩‍👧🏽.avi'],
]

describe('Names that are made to do harm', { skip: unavailable, timeout: 180_000 }, () => {
  let mailServer: MailServer
  let server: TestServer
  let client: Client
  let clip: Buffer
  before(async () => {
    mailServer = await startMailServer()
    server = await startServer({
      env: {
        SMTP_URL: mailServer.url,
        MAIL_FROM: 'Tapes <tapes@example.com>',
        PAGE_URL: 'https://tapes.example',
      },
    })
    client = new Client(server)
    // Its MP3 is taken over bit by bit, which is quick.
    clip = await makeVideo({ format: ['matroska'], audio: ['libmp3lame'], seconds: 1 })
  })
  after(async () => {
    await server?.stop()
    await mailServer?.close()
  })

  /** Uploads by a form whose file is described in just these bytes. */
  async function upload(filename: string, type = 'video/x-matroska', bytes = clip): Promise<JobView> {
    const isText = /[^\0-\xff]/.test(filename)
    const encoding = isText ? 'utf8' : 'latin1'
    const body = Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="file"; filename="`),
      Buffer.from(filename, encoding),
      Buffer.from(`"\r\nContent-Type: ${type}\r\n\r\n`),
      bytes,
      Buffer.from('\r\n--b--\r\n'),
    ])
    const headers = {
      authorization: `Bearer ${server.token}`,
      'content-type': 'multipart/form-data; boundary=b',
    }
    const response = await send(server.apiUrl, { method: 'POST', target: '/upload', headers, body })
    assert.equal(response.status, 202, await response.clone().text())
    return (await response.json()) as JobView
  }

  // Each is converted, which takes its time.
  for (const [what, sent, kept] of filenames.slice(0, times(3, Infinity)))
    it(`${what}: in a file's name, in headers, mails and the log`, async () => {
      const job = await upload(sent)
      assert.equal(job.filename, kept)
      await client.completed(job.id)
      const expected = savedAs(kept, '.mp3')
      const direct = await client.fetch(`/download?fid=${job.id}`)
      const { url } = await client.json<{ url: string }>(`/download/${job.id}?format=json`)
      for (const response of [direct, await fetch(url)]) {
        assert.equal(response.status, 200)
        const disposition = response.headers.get('content-disposition') ?? ''
        const { type, parameters } = parse(disposition)
        assert.deepEqual([type, parameters['filename']], ['attachment', expected])
        assert.equal(response.headers.get('bcc'), null)
        await response.body?.cancel()
      }
      await checkMail(job.id)
    })

  /** That one mail went out about the job, to its owner alone, with one subject and the name within it. */
  async function checkMail(id: string): Promise<void> {
    const about = (): MailServer['mails'] => mailServer.mails.filter(({ email }) => email.text?.includes(id))
    while (about().length === 0) await delay(25)
    const [mail, ...rest] = about()
    assert.ok(mail)
    assert.equal(rest.length, 0)
    assert.deepEqual(mail.recipients, [server.email])
    const { headers, subject = '', html = '' } = mail.email
    const names = headers.map(({ key }) => key)
    assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted(), 'no header is there twice')
    assert.ok(!names.includes('bcc') && !names.includes('x-injected'))
    assert.match(subject, /^Your MP3 is ready: \P{Cc}+$/u)
    assert.doesNotMatch(html, /<(?!\/?(html|body|p|table|tr|td|bdi|a)\b|!doctype)/i)
  }

  for (const type of [
    'video/mp4\nX-Injected: 1',
    'video/mp4\rX: 1',
    'видео/мп4',
    'a/b/c',
    `video/${'x'.repeat(1000)}`,
    '"',
  ])
    it(`cannot be media types: ${JSON.stringify(type.slice(0, 30))}`, async () => {
      const job: JobView & { contentType?: string } = await upload('typed.avi', type, noVideo)
      assert.match(job.contentType ?? '', /^[\w.+-]{1,127}\/[\w.+-]{1,127}$/)
    })

  describe('cannot be webhooks,', () => {
    const put = (url: string): RequestInit => sending('PUT', { webhooks: [{ url }] })

    it('or are kept as URLs that have no line ends, spaces, quotes or brackets', async () => {
      const url = 'https://hooks.example.com/\r\nX-Evil: 1\t"><script>\u202E\uD800?a= b#"c'
      const settings = await client.json<Notifications>(settingsPath, put(url))
      assert.match(settings.webhooks[0]?.url ?? '', /^https:\/\/hooks\.example\.com\/X-Evil:[!#-;=?-~]+$/)
      await client.json(settingsPath, sending('PUT', await client.json<Notifications>(settingsPath)))
    })

    it('or so long that they cannot be sent back as they are shown', async () => {
      const answer = await client.fetch(settingsPath, put(`https://hooks.example.com/${'가'.repeat(300)}`))
      assert.equal(answer.status, 422)
      await answer.body?.cancel()
    })
  })

  describe('cannot be the names of people:', () => {
    const password = 'battery staple'
    const create = (email: string): Promise<Response> =>
      client.fetch('/auth/users', sending('POST', { email, password }))

    it('two accounts that nobody could tell apart are one', async () => {
      assert.equal((await create('Ünal.İç@example.com')).status, 201)
      for (const email of ['u\u0308nal.ic\u0327@example.com', 'ÜNAL.IÇ@ＥXAMPLE.com']) {
        const response = await create(email)
        assert.equal(response.status, 409, email)
        await response.body?.cancel()
      }
      const headers = { authorization: basic('U\u0308NAL.I\u0307C\u0327@example.com', password) }
      const { token } = await client.json<{ token: string }>('/auth/login', { method: 'POST', headers })
      const me = await new Client({ apiUrl: server.apiUrl, token }).json<{ email: string }>('/auth/me')
      assert.equal(me.email, 'ünal.iç@example.com')
    })

    for (const [what, email] of [
      ['a space of no width', 'admin\u200B@example.com'],
      ['a joiner', 'ad\u200Dmin@example.com'],
      ['a soft hyphen', 'ad\u00ADmin@example.com'],
      ['a variation selector', 'admin\uFE0F@example.com'],
      ['a filler', 'admin\u3164@example.com'],
      ['a turn of the direction', '\u202Eadmin@example.com'],
      ['half a character', 'admin\uD800@example.com'],
      ['a NUL', 'admin\0@example.com'],
      ['a line end', 'admin@example.com\r\nBcc: victim@example.com'],
    ] as const)
      it(`none has ${what} in it`, async () => {
        const problem = await client.problem('/auth/users', sending('POST', { email, password }))
        assert.deepEqual([problem.status, problem.errors?.[0]?.field], [422, 'email'])
      })
  })

  it('leave the log with one line for each entry', () => {
    assert.deepEqual(errorsIn(server.log()), [])
    assert.doesNotMatch(server.log(), /[^\P{Cc}\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
  })
})
