import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { mp3Name, newJobId, sourceName } from '../../lib/jobs/names.ts'
import { maxAttempts } from '../../lib/jobs/transition.ts'
import { sendLogTo } from '../../lib/log.ts'
import { serverTime } from '../../lib/server-time.ts'
import { userId } from '../../lib/users.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { DeploymentError, type ObjectInfo } from '../../platform/ports.ts'
import { makeVideo } from '../../test/media.ts'

const run = (instance: string) => ({ function: 'transcode', instance })

describe('transcode', { timeout: 60_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  let video: Buffer
  let functions: typeof import('./run.ts') & typeof import('./accept.ts')
  before(async () => {
    ;({ local, close } = await openLocal('transcode'))
    process.env['ADMIN_EMAIL'] = 'admin@example.com'
    // The functions read the environment as they are loaded.
    functions = { ...(await import('./run.ts')), ...(await import('./accept.ts')) }
    video = await makeVideo({ format: ['avi'], audio: ['libmp3lame'], seconds: 1 })
  })
  after(() => close())

  async function put(name: string, bytes = video, metadata = {}): Promise<ObjectInfo> {
    const objects = await local.objects()
    return objects.write({ bucket: 'source', name }, Readable.from([bytes]), {
      contentType: 'video/avi',
      metadata,
    })
  }

  async function enqueue(rest: Partial<Job> = {}, bytes = video): Promise<string> {
    const id = newJobId()
    const { bucket, name, generation, size } = await put(sourceName(id), bytes)
    const records = await local.records()
    await records.transact(async (tx) => {
      tx.create(jobs, id, {
        ...{
          owner: 'someone',
          filename: 'a.avi',
          size,
          contentType: 'video/avi',
          status: 'ENQUEUED',
          progress: 0,
        },
        ...{
          warnings: [],
          source: { bucket, name, generation, size },
          options: {},
          timeline: {},
          outbox: [],
        },
        ...{
          attempt: 1,
          firstAttempt: 1,
          dueAt: new Date(),
          createdAt: serverTime(),
          updatedAt: serverTime(),
        },
        ...rest,
      })
    })
    return id
  }

  /** Has `create` stand in for whatever creates an object in the target bucket, until what this returns is called. */
  async function intercept(
    create: (name: string, make: () => Promise<ObjectInfo>) => Promise<ObjectInfo>,
  ): Promise<() => void> {
    const objects = await local.objects()
    const { write } = objects
    objects.write = async (...args) => {
      const [{ bucket, name }] = args
      return bucket === 'target' ? create(name, () => write(...args)) : write(...args)
    }
    return () => void (objects.write = write)
  }

  async function job(id: string): Promise<Job> {
    const records = await local.records()
    const { data } = await records.get(jobs, id)
    assert.ok(data)
    return data
  }

  it('converts once, however many deliveries come at the same time', async () => {
    const id = await enqueue()
    await Promise.all(['a', 'b', 'c'].map((instance) => functions.runJob(id, run(instance))))
    await functions.runJob(id, run('d'))
    const { status, timeline, attempt } = await job(id)
    assert.equal(status, 'MP3_COMPLETED')
    assert.equal(attempt, 1)
    const entries = Object.values(timeline)
    assert.deepEqual(
      entries.map((entry) => entry.status),
      ['NEED_CONVERT', 'NO_NEED_CONVERT', 'CREATING_MP3', 'MP3_COMPLETED'],
    )
    assert.equal(new Set(entries.map(({ instance }) => instance)).size, 1)
  })

  it('writes down that it encodes with the claim, where the structure says all of an MP4', async () => {
    const id = await enqueue({}, await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 }))
    await functions.runJob(id, run('a'))
    const { media, timeline } = await job(id)
    const [ready, creating, completed] = Object.values(timeline)
    assert.deepEqual(
      [ready, creating, completed].map((entry) => entry?.status),
      ['NO_NEED_CONVERT', 'CREATING_MP3', 'MP3_COMPLETED'],
    )
    assert.deepEqual(creating?.at, ready?.at)
    assert.equal(media?.audioCodec, 'aac')
    assert.equal(media?.container, 'mp4')
  })

  it('counts a source that cannot be looked at as an attempt, so that there is an end to it', async () => {
    const id = await enqueue()
    const objects = await local.objects()
    const { stat } = objects
    objects.stat = () => Promise.reject(new Error('the store is down'))
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      assert.equal((await job(id)).attempt, attempt)
      await functions.runJob(id, run(`run ${attempt}`))
    }
    objects.stat = stat
    assert.equal((await job(id)).error?.code, 'GAVE_UP')
  })

  it('lets a job rest when an attempt fails through no fault of the video, and then tries again', async () => {
    const id = await enqueue()
    const restore = await intercept(() => Promise.reject(new Error('the store is down')))
    await functions.runJob(id, run('a'))
    restore()
    const resting = await job(id)
    assert.equal(resting.status, 'ENQUEUED')
    assert.equal(resting.attempt, 2)
    assert.ok(resting.dueAt && resting.dueAt > new Date())
    assert.deepEqual(resting.outbox, [])

    await functions.runJob(id, run('b'))
    assert.equal((await job(id)).status, 'MP3_COMPLETED')
  })

  it('waits for a deployment that is wrong, however often that is met', async () => {
    const id = await enqueue()
    const objects = await local.objects()
    const { stat } = objects
    const wrong = new DeploymentError('There is no bucket. Make one.', new Error('404'))
    const restore = await intercept(() => Promise.reject(wrong))
    for (let round = 0; round < 3; round++) await functions.runJob(id, run('a'))
    restore()
    objects.stat = () =>
      Promise.reject(new Error('The source could not be read to its end', { cause: wrong }))
    for (let round = 0; round < 6; round++) await functions.runJob(id, run('b'))
    objects.stat = stat
    const waiting = await job(id)
    assert.deepEqual([waiting.status, waiting.attempt], ['ENQUEUED', 10])
    const pauseSeconds = ((waiting.dueAt?.getTime() ?? 0) - Date.now()) / 1000
    assert.ok(pauseSeconds > 600 && pauseSeconds <= 3600, `${pauseSeconds} s`)
    await functions.runJob(id, run('c'))
    assert.equal((await job(id)).status, 'MP3_COMPLETED')
  })

  it('leaves the parts of the worker that has the job alone when another delivery of it fails', async () => {
    const id = await enqueue()
    const objects = await local.objects()
    const records = await local.records()
    const { stat } = objects
    const { get } = records
    const before = await job(id)
    const restore = await intercept(async (_name, make) => {
      // The other delivery has seen the job before it was claimed.
      records.get = async () => {
        records.get = get
        return { data: before as never, readAt: new Date() }
      }
      objects.stat = () => Promise.reject(new Error('the store is down'))
      await functions.runJob(id, run('late'))
      objects.stat = stat
      return make()
    })
    await functions.runJob(id, run('a'))
    restore()
    const { status, attempt } = await job(id)
    assert.deepEqual([status, attempt], ['MP3_COMPLETED', 1])
  })

  it('takes over the MP3 of an attempt that died just before it could say so', async () => {
    const id = await enqueue()
    await functions.runJob(id, run('a'))
    const { target } = await job(id)
    const records = await local.records()
    await records.transact(async (tx) => {
      const { data } = await tx.get(jobs, id)
      assert.ok(data)
      tx.set(jobs, id, { ...data, status: 'ENQUEUED', attempt: 2, outbox: [] })
    })
    await functions.runJob(id, run('b'))
    const again = await job(id)
    assert.equal(again.status, 'MP3_COMPLETED')
    assert.deepEqual(again.target, target)
  })

  it('finds the MP3 that was made although nobody heard so', async () => {
    const id = await enqueue()
    const restore = await intercept(async (_name, make) => {
      await make()
      throw new Error('the answer was lost')
    })
    await functions.runJob(id, run('a'))
    restore()
    const { status, attempt } = await job(id)
    assert.deepEqual([status, attempt], ['MP3_COMPLETED', 1])
  })

  it('fails a job whose source is gone, and says so once in the log, with the code that alerts look for', async () => {
    const id = await enqueue()
    const objects = await local.objects()
    await objects.delete({ bucket: 'source', name: sourceName(id) })
    const lines: Record<string, unknown>[] = []
    sendLogTo((text) => lines.push(JSON.parse(text) as Record<string, unknown>))
    await functions.runJob(id, run('a'))
    await functions.runJob(id, run('b'))
    sendLogTo((text) => void process.stderr.write(text))
    const { error, sourceGone, storedBytes } = await job(id)
    assert.deepEqual([error?.code, sourceGone, storedBytes], ['SOURCE_GONE', true, 0])
    const said = lines.filter(({ message }) => message === 'A job has failed')
    assert.deepEqual(
      said.map(({ severity, job, code, attempt }) => [severity, job, code, attempt]),
      [['WARNING', id, 'SOURCE_GONE', 1]],
    )
  })

  it('says what is wrong with a video whose structure promises what ffmpeg cannot read', async () => {
    const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    // A table with more entries than there can be.
    for (let at = bytes.indexOf('stts'); at >= 0; at = bytes.indexOf('stts', at + 4))
      bytes.writeUInt32BE(0x7fffffff, at + 8)
    const id = await enqueue({}, bytes)
    await functions.runJob(id, run('a'))
    const { status, error, attempt } = await job(id)
    assert.deepEqual([status, error?.code, attempt], ['FAILED', 'CORRUPT', 1])
  })

  it('leaves nothing of a job that is deleted while it runs', async () => {
    const id = await enqueue()
    const objects = await local.objects()
    // Deleted at the last moment: the frames are there, the MP3 is about to be.
    const restore = await intercept(async (name, make) => {
      if (name !== mp3Name(id)) return make()
      const records = await local.records()
      await records.transact(async (tx) => {
        const { data } = await tx.get(jobs, id)
        assert.ok(data)
        tx.set(jobs, id, { ...data, status: 'DELETED' })
      })
      return make()
    })
    await functions.runJob(id, run('a'))
    restore()
    assert.equal((await job(id)).status, 'DELETED')
    for await (const { name } of objects.list('target', 'parts/')) assert.fail(`${name} is left`)
    // The MP3 itself is removed by sweep, which comes again for a deleted job that a worker had claimed.
    assert.ok((await job(id)).claim)
  })

  describe('an object that came into the bucket by itself', () => {
    it('becomes one job, however often its event is delivered', async () => {
      const object = await put('videos/holiday 1.avi')
      const ids = [
        await functions.acceptObject(object, run('a')),
        await functions.acceptObject(object, run('b')),
      ]
      assert.equal(ids[0], ids[1])
      const adopted = await job(ids[0] ?? '')
      assert.equal(adopted.filename, 'holiday 1.avi')
      assert.equal(adopted.owner, userId('admin@example.com'))
      assert.equal(adopted.status, 'ENQUEUED')
      await functions.runJob(ids[0] ?? '', run('a'))
      const objects = await local.objects()
      assert.ok(await objects.stat({ bucket: 'target', name: mp3Name(ids[0] ?? '') }))
    })

    it('belongs to whom its metadata names', async () => {
      const object = await put('x', video, { owner: 'Anna@example.com', filename: 'Anna’s.avi' })
      const adopted = await job((await functions.acceptObject(object, run('a'))) ?? '')
      assert.equal(adopted.owner, userId('anna@example.com'))
      assert.equal(adopted.filename, 'Anna’s.avi')
    })
  })

  it('removes the upload of a job that was deleted', async () => {
    const id = await enqueue({ status: 'DELETED' })
    const objects = await local.objects()
    const object = await objects.stat({ bucket: 'source', name: sourceName(id) })
    assert.ok(object)
    assert.equal(await functions.acceptObject(object, run('a')), undefined)
    assert.equal(await objects.stat({ bucket: 'source', name: sourceName(id) }), undefined)
  })

  it('leaves alone what lies in another bucket, whatever an event says of it', async () => {
    const objects = await local.objects()
    const [deleted, unknown] = [await enqueue({ status: 'DELETED' }), 'x.avi']
    for (const name of [sourceName(deleted), unknown]) {
      const elsewhere = { bucket: 'target', name }
      const object = await objects.write(elsewhere, Readable.from([video]), { contentType: 'video/avi' })
      assert.equal(await functions.acceptObject(object, run('a')), undefined)
      assert.ok(await objects.stat(elsewhere))
    }
    const records = await local.records()
    const adopted = { field: 'filename', is: '==', value: unknown } as const
    assert.equal(await records.count({ collection: jobs, where: [adopted] }), 0)
  })
})
