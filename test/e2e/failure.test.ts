import assert from 'node:assert/strict'
import { deflateRawSync } from 'node:zlib'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../client.ts'
import { decode, makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

const text = Buffer.from('This is not a video. '.repeat(500))
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(5000, 7)])
const zip = Buffer.concat([
  Buffer.from('504b03041400000008000000', 'hex'),
  deflateRawSync(Buffer.alloc(5000, 1)),
])
const playlist = Buffer.from('#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n')

describe('A file that cannot be converted', { skip: unavailable, concurrency: 2, timeout: 180_000 }, () => {
  let server: TestServer
  let client: Client
  before(async () => {
    server = await startServer()
    client = new Client(server)
  })
  after(() => server.stop())

  const cases: [what: string, make: () => Promise<Uint8Array<ArrayBuffer>>, code: string][] = [
    ['a text', async () => text, 'NOT_MEDIA'],
    ['a picture', async () => png, 'NOT_MEDIA'],
    ['a ZIP', async () => zip, 'NOT_MEDIA'],
    ['a playlist that names another file', async () => playlist, 'NOT_MEDIA'],
    ['without sound', async () => withoutAudio(), 'NO_AUDIO'],
    ['half an AVI', async () => half({ format: ['avi'], audio: ['pcm_s16le'] }), 'TRUNCATED'],
    ['half an MP4, its index at the end', async () => half({ format: ['mp4'], audio: ['aac'] }), 'TRUNCATED'],
    [
      'half an MP4, its index at the front',
      async () => half({ format: ['mp4', '-movflags', '+faststart'], audio: ['aac'] }),
      'TRUNCATED',
    ],
    ['half an MKV', async () => half({ format: ['matroska'], audio: ['aac'] }), 'TRUNCATED'],
    [
      'an AVI of noise',
      async () => noise(await makeVideo({ format: ['avi'], audio: ['mp2'] }), 12, 1),
      'CORRUPT',
    ],
  ]
  for (const [what, make, code] of cases) {
    it(`${what}: ${code}, with a sentence`, async () => {
      const { id } = await client.upload({ filename: 'holiday.mp4', bytes: await make() })
      const job = await client.failed(id)
      assert.equal(job.error?.code, code, job.error?.message)
      assert.match(job.error?.message ?? '', /^[A-Z].{10,}[.)]$/s)
      assert.equal(job.attempt, 1, 'it is not tried again')
      const problem = await client.problem(`/download/${id}`)
      assert.equal(problem.code, 'NOT_COMPLETED')
      assert.ok(problem.detail.includes(job.error?.message ?? '-'), 'the download says why')
    })
  }

  it('is told in the log by one line, with its job, its code and the execution that it was part of', async () => {
    const { id } = await client.upload({ filename: 'notes.mp4', bytes: text })
    await client.failed(id)
    const logged = (): Record<string, unknown>[] =>
      server
        .log()
        .split('\n')
        .filter((line) => line.startsWith('{"severity":"WARNING"') && line.includes(id))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    // The waiting alone keeps no process alive whose test has run out of time.
    while (logged().length === 0) await delay(10, undefined, { ref: false })
    assert.deepEqual(
      logged().map(({ severity, message, code }) => [severity, message, code]),
      [['WARNING', 'A job has failed', 'NOT_MEDIA']],
    )
    assert.match(JSON.stringify(logged()[0]?.['logging.googleapis.com/labels']), /"execution_id":"[\w-]+"/)
  })

  it('damaged here and there becomes an MP3 with a warning', async () => {
    const whole = await makeVideo({ format: ['mp4', '-movflags', '+faststart'], audio: ['aac'], seconds: 20 })
    const { id } = await client.upload({
      filename: 'scratched.mp4',
      bytes: noise(whole, Math.floor(whole.length / 2), 0.02),
    })
    const job = await client.completed(id)
    assert.deepEqual(
      job.warnings.map(({ code }) => code),
      ['DAMAGED'],
    )
    const heard = await decode(await client.mp3(id), 2)
    assert.equal(heard.length / 2, job.target?.samples)
    assert.ok(heard.length / 2 > 0.9 * 20 * 44100)
  })

  it('can be retried, as a new round', async () => {
    const { id } = await client.upload({ filename: 'notes.txt', bytes: text })
    await client.failed(id)
    const retried = await client.json<{ status: string }>(`/status/${id}/retry`, { method: 'POST' }, 202)
    assert.notEqual(retried.status, 'DELETED')
    const job = await client.until(id, ({ status, attempt }) => status === 'FAILED' && attempt === 2)
    assert.equal(job.error?.code, 'NOT_MEDIA')
  })
})

async function withoutAudio(): Promise<Uint8Array<ArrayBuffer>> {
  const { path } = await (await import('../../functions/transcode/media/index.ts')).findFfmpeg()
  const { execFileSync } = await import('node:child_process')
  const args = '-v error -f lavfi -i testsrc=s=160x120:d=1 -c:v mpeg4 -f matroska pipe:1'.split(' ')
  return new Uint8Array(execFileSync(path, args, { maxBuffer: 2 ** 24 }))
}

async function half(request: Parameters<typeof makeVideo>[0]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = await makeVideo({ seconds: 10, ...request })
  return whole.subarray(0, whole.length / 2)
}

/** The file with this share of its bytes, from `start` on, overwritten by the same noise every time. */
function noise(whole: Buffer<ArrayBuffer>, start: number, share: number): Uint8Array<ArrayBuffer> {
  let state = 1
  const end = Math.min(whole.length, start + Math.floor(whole.length * share))
  for (let index = start; index < end; index++) {
    state = (state * 48271) % 2147483647
    whole[index] = state & 0xff
  }
  return whole
}
