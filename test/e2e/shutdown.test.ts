import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { descendantsOf } from '../../bench/speed/process-tree.ts'
import { sendEvent, startFunction } from '../../infra/build/testing.ts'
import { Client } from '../client.ts'
import { streamedForm } from '../form.ts'
import { inherited } from '../inherited.ts'
import { startMailServer } from '../mail-server.ts'
import { makeVideo, noVideo } from '../media.ts'
import { deliveriesPath, deliveryOnce } from '../notifications.ts'
import { notLocal, startServer } from '../server.ts'

describe('Told to end,', { skip: notLocal, timeout: 180_000 }, () => {
  let dataDir: string
  before(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-shutdown-'))))
  after(() => rm(dataDir, { recursive: true, force: true }))

  it('a server answers what it was asked before, ends streams of events, and then is gone', async (t) => {
    const server = await startServer({ dataDir })
    t.after(() => server.stop())
    const client = new Client(server)
    const events = (await client.fetch('/status/events')).text()
    const arrived = Promise.withResolvers<void>()
    const stopping = Promise.withResolvers<void>()
    const upload = client.fetch(
      '/upload',
      streamedForm(
        'notes',
        (async function* () {
          yield noVideo
          arrived.resolve()
          await stopping.promise
          yield noVideo
        })(),
      ),
    )
    await arrived.promise
    // The job is made once the first bytes of its file have come.
    while ((await client.list()).length === 0) await delay(25)

    server.process.kill('SIGTERM')
    assert.match(await events, /^: open/)
    stopping.resolve()
    const answer = await upload
    assert.equal(answer.status, 202, await answer.text())
    if (server.process.exitCode === null) await once(server.process, 'exit')
    assert.equal(server.process.exitCode, 0)
  })

  it('a server leaves a mail for later that its mail server does not take', async (t) => {
    const ownDir = await mkdtemp(join(dataDir, 'mail-'))
    const connected = Promise.withResolvers<void>()
    const mailServer = await startMailServer({ onConnect: () => connected.resolve() })
    t.after(() => mailServer.close())
    const env = { SMTP_URL: mailServer.url, MAIL_FROM: 'tapes@example.com' }
    const first = await startServer({ dataDir: ownDir, env })
    t.after(() => first.stop())
    const { id } = await new Client(first).upload({ filename: 'notes.mp4', bytes: noVideo })
    await connected.promise
    await first.stop()
    assert.equal(first.process.exitCode, 0)

    const second = await startServer({ dataDir: ownDir, env })
    t.after(() => second.stop())
    const waiting = await deliveryOnce(new Client(second), deliveriesPath(id), () => true)
    assert.deepEqual([waiting.status, waiting.reasonCode], ['WAITING', 'SERVER_ENDED'])
  })

  it('a function alone, as the cloud runs it, hands its job back first', async (t) => {
    const long = await makeVideo({ format: ['mp4'], audio: ['flac'], seconds: 200, channels: 1 })
    const first = await startServer({ dataDir })
    t.after(() => first.stop())
    const { id } = await new Client(first).uploadEither({ filename: 'long.mp4', bytes: long })
    await first.stop()

    const source = join(import.meta.dirname, '../../functions/transcode/index.ts')
    const env = { ...inherited('PATH', 'FFMPEG_PATH'), DATA_DIR: dataDir }
    const alone = await startFunction(source, 'work', env)
    t.after(() => alone.stop())
    const message = { data: Buffer.from(JSON.stringify({ jobId: id })).toString('base64') }
    const taken = sendEvent(alone.url, 'google.cloud.pubsub.topic.v1.messagePublished', { message })
    while (descendantsOf(alone.process.pid ?? 0).length === 0) await delay(10)
    assert.equal(await alone.end(), 0, alone.log())
    assert.equal((await taken).status, 204)

    const last = await startServer({ dataDir })
    t.after(() => last.stop())
    const job = await new Client(last).completed(id)
    const handedBack = job.timeline.filter((step) => step.status === 'ENQUEUED' && step.function === 'work')
    assert.deepEqual(
      handedBack.map(({ attempt }) => attempt),
      [job.attempt],
    )
  })
})
