import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { signUp } from '../accounts.ts'
import { Client, sending } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, surroundings, unavailable, type TestServer } from '../server.ts'

interface Level {
  name: string
  minCount: number
  maxCount: number
  storageClass: string
}

interface Tiered {
  id: string
  filename: string
  level?: string
  storageClass: string
  count: number
  heat: number
  bytes: number
  requests: number
  bytesRead: number
  move?: { status: string; worker: string }
  generatedAt: string
  updatedAt: string
}

interface Report {
  levels: { level?: string; storageClass: string; objects: number; bytes: number; costPerMonth: number }[]
  moves: { count: number; fees: number; savesPerMonth: number; savedSoFar: number }
}

for (const [where, env] of surroundings) {
  describe(`Levels ${where}`, { skip: unavailable, timeout: 240_000 }, () => {
    let server: TestServer
    let admin: Client
    let avi: Buffer<ArrayBuffer>
    before(async () => {
      // By the ranges, and nothing is moved before a test asks for it.
      server = await startServer({
        env: { ...env, TIER_POLICY: 'count', TIER_GRACE_DAYS: '1', SWEEP_SECONDS: '1' },
      })
      admin = new Client(server)
      avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
    })
    after(() => server.stop())

    async function convert(client = admin, filename = 'tape.avi'): Promise<string> {
      const { id } = await client.upload({ filename, bytes: avi })
      await client.completed(id)
      return id
    }

    const listed = async (query: string, client = admin): Promise<Tiered[]> =>
      (await client.json<{ objects: Tiered[] }>(`/levels/objects?${query}`)).objects

    /** A job's MP3; of `ID.mp4`, its MP4. */
    async function mp3(id: string): Promise<Tiered> {
      const [object] = await listed(`id=${id}`)
      assert.ok(object)
      return object
    }

    async function until(id: string, wanted: (object: Tiered) => boolean): Promise<Tiered> {
      for (;;) {
        const object = await mp3(id)
        if (wanted(object)) return object
        await delay(50)
      }
    }

    const say = (id: string, count: number, client = admin): Promise<Record<string, unknown>> =>
      client.json('/levels/accesses', sending('POST', { id, count }))

    /** Until the move that was begun is done. */
    async function confirmed(id: string): Promise<void> {
      for (;;) {
        const response = await admin.fetch('/levels/confirm', sending('POST', { id }))
        const body = (await response.json()) as { id?: string; code?: string }
        if (response.status === 200) return assert.deepEqual(body, { id })
        assert.deepEqual([response.status, body.code], [409, 'MOVE_UNDER_WAY'])
        await delay(50)
      }
    }

    it('are these until somebody sets others', async () => {
      assert.deepEqual(await admin.json('/levels'), {
        levels: [
          { name: 'bronze', minCount: 0, maxCount: 999, storageClass: 'COLDLINE' },
          { name: 'silver', minCount: 1000, maxCount: 1999, storageClass: 'NEARLINE' },
          { name: 'gold', minCount: 2000, maxCount: 2999, storageClass: 'STANDARD' },
        ],
      })
    })

    it('have every new MP3 and MP4, where it was made', async () => {
      const id = await convert()
      const objects = await listed(`id=${id}`)
      assert.deepEqual(
        objects.map(({ filename, level, storageClass, count }) => [filename, level, storageClass, count]),
        [
          ['tape.mp3', 'gold', 'STANDARD', 0],
          ['tape.mp4', 'gold', 'STANDARD', 0],
        ],
      )
      const job = await admin.job(id)
      assert.equal(objects[0]?.bytes, job.target?.size)
    })

    it('count every download and stream once, and what is read', async () => {
      const id = await convert()
      for (let time = 0; time < 3; time++) await admin.mp3(id)
      await admin.fetch(`/download/${id}`)
      await admin.fetch(`/download?fid=${id}`)
      await admin.fetch(`/download/${id}`, { method: 'HEAD' })
      const path = await admin.openStream(id)
      const part = async (range: string): Promise<void> =>
        void (await (await fetch(server.apiUrl + path, { headers: { range } })).arrayBuffer())
      for (const range of ['bytes=0-99', 'bytes=100-299']) await part(range)
      // What comes within a second of what was added up is added up with the next one, or by the minute's sweep.
      await delay(3000)
      await admin.mp3(id)
      await part('bytes=300-309')
      const { requests, bytes, bytesRead } = await until(id, ({ count }) => count >= 6)
      assert.deepEqual([requests, bytesRead], [6, 6 * bytes])
      const video = await until(`${id}.mp4`, ({ requests: parts }) => parts >= 3)
      assert.deepEqual([video.count, video.bytesRead], [1, 310])
      // What comes twice may come late.
      await delay(1500)
      assert.equal((await mp3(id)).count, 6)
    })

    it('take a count that somebody says, and move the object to where it belongs by that', async () => {
      const id = await convert()
      const before = await admin.mp3(id)
      const said = await say(id, 1500)
      assert.match(String(said['worker']), /^(levels|tier)@/)
      delete said['worker']
      const level = { target: 'NEARLINE', level: 'silver', filename: 'tape.mp3' }
      assert.deepEqual(said, { id, count: 1500, ...level, status: 'update' })
      await confirmed(id)
      const object = await mp3(id)
      assert.deepEqual(
        [object.storageClass, object.level, object.move?.status],
        ['NEARLINE', 'silver', 'done'],
      )
      assert.ok((await admin.mp3(id)).equals(before), 'the same bytes')
      assert.equal((await say(id, 1600))['status'], 'done')
      await say(`${id}.mp4`, 10)
      await confirmed(`${id}.mp4`)
      const [video] = await listed(`id=${id}.mp4`)
      assert.equal(video?.storageClass, 'COLDLINE')
      assert.equal((await admin.job(id)).status, 'MP3_COMPLETED')
    })

    it('keep what has just come into them, by the lowest count too', async () => {
      const id = await convert()
      await say(id, 1000)
      await confirmed(id)
      await delay(2500)
      assert.equal((await mp3(id)).level, 'silver')
    })

    it('are raised at their upper end by a count above it', async () => {
      const id = await convert()
      const others = [4000, 4200].map((count) => say(id, count))
      assert.equal((await say(id, 4321))['level'], 'gold')
      await Promise.all(others)
      const { levels } = await admin.json<{ levels: Level[] }>('/levels')
      assert.equal(levels.at(-1)?.maxCount, 4321)
    })

    it('list what is in one, a page at a time, and nobody else’s', async () => {
      const anna = await signUp(admin)
      const ids = [await convert(anna, 'one.avi'), await convert(anna, 'two.avi')]
      for (const id of ids) await say(id, 1200, anna)
      for (const id of ids) await confirmed(id)
      const first = await anna.json<{ objects: Tiered[]; nextPageToken: string }>(
        '/levels/objects?level=silver&limit=1',
      )
      const second = await listed(`level=silver&limit=5&pageToken=${first.nextPageToken}`, anna)
      assert.deepEqual(
        [...first.objects, ...second].map(({ id }) => id),
        [`${ids[1]}.mp3`, `${ids[0]}.mp3`],
      )
      const ben = await signUp(admin)
      assert.deepEqual(await listed('', ben), [])
      assert.deepEqual(await listed(`id=${ids[0]}`, ben), [])
      for (const path of ['/levels/accesses', '/levels/confirm']) {
        const body = { id: ids[0], ...(path.endsWith('accesses') && { count: 5 }) }
        assert.equal((await ben.problem(path, sending('POST', body))).code, 'NOT_FOUND')
      }
      assert.equal((await ben.problem('/levels', sending('PUT', { levels: [] }))).code, 'FORBIDDEN')
    })

    it('are reported with what they hold and cost, and what moves have cost', async () => {
      const carl = await signUp(admin)
      const id = await convert(carl)
      await say(id, 1500, carl)
      await confirmed(id)
      const [object] = await listed(`id=${id}.mp3`, carl)
      const [video] = await listed(`id=${id}.mp4`, carl)
      const { levels, moves } = await carl.json<Report>('/levels/report')
      const row = (level: string): Report['levels'][number] | undefined =>
        levels.find((each) => each.level === level)
      assert.deepEqual([row('silver')?.objects, row('silver')?.bytes], [1, object?.bytes])
      assert.deepEqual([row('gold')?.objects, row('gold')?.bytes], [1, video?.bytes])
      assert.equal(row('bronze')?.objects, 0)
      const gib = (object?.bytes ?? 0) / 2 ** 30
      assert.ok(Math.abs((row('silver')?.costPerMonth ?? 0) - gib * 0.01) < 1e-12)
      assert.equal(moves.count, 1)
      assert.ok(moves.fees > 0)
      assert.ok(Math.abs(moves.savedSoFar + moves.fees) < moves.fees)
    })

    it('forget the files of a deleted job', async () => {
      const id = await convert()
      await admin.fetch(`/status/${id}`, { method: 'DELETE' })
      assert.deepEqual(await listed(`id=${id}`), [])
      assert.equal((await admin.problem('/levels/confirm', sending('POST', { id }))).code, 'NOT_FOUND')
    })

    it('take their objects along when somebody changes them', async () => {
      const id = await convert()
      await say(id, 1500)
      await confirmed(id)
      const { levels } = await admin.json<{ levels: Level[] }>('/levels')
      const top = levels.at(-1)
      assert.ok(top)
      const table = [
        { name: 'stone', minCount: 0, maxCount: 1999, storageClass: 'ARCHIVE' },
        { ...top, minCount: 2000 },
      ]
      assert.deepEqual(await admin.json('/levels', sending('PUT', { levels: table })), { levels: table })
      const { level } = await until(id, ({ storageClass }) => storageClass === 'ARCHIVE')
      assert.equal(level, 'stone')
    })
  })
}
