import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { Client } from '../test/client.ts'
import { decode, makeVideo } from '../test/media.ts'
import { startServer, type TestServer } from '../test/server.ts'
import { makePlace, run, start, type Place } from './testing/run.ts'

const controlCharacters = /[^\P{Cc}\n]/u

let avi: Buffer<ArrayBuffer>
let mp4: Buffer<ArrayBuffer>
let long: Buffer<ArrayBuffer>
let place: Place

before(async () => {
  avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
  mp4 = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
  long = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 60 })
})

/** A new place for each test. */
function usePlace(): void {
  beforeEach(async () => {
    place = await makePlace()
  })
  afterEach(() => place.remove())
}

const write = (name: string, bytes: Uint8Array | string): Promise<void> =>
  writeFile(join(place.folder, name), bytes)
const read = (name: string): Promise<Buffer> => readFile(join(place.folder, name))
const files = async (): Promise<string[]> => (await readdir(place.folder)).toSorted()

async function assertSameLength(name: string, source: Uint8Array): Promise<void> {
  const [expected, actual] = await Promise.all([decode(source, 2), decode(await read(name), 2)])
  assert.equal(actual.length, expected.length, `${name} has exactly as many samples as its video`)
}

describe('The command line, with a server of its own', { timeout: 60_000 }, () => {
  usePlace()

  it('converts what can be converted, and says why the rest cannot', async () => {
    await write('holiday.avi', avi)
    await write('clip.mp4', mp4)
    await write('notes.mp4', 'This is no video at all.\n')
    await write('empty.mov', '')
    await mkdir(join(place.folder, 'folder.avi'))
    const names = ['holiday.avi', 'missing.mkv', 'clip.mp4', 'notes.mp4', 'empty.mov', 'folder.avi']
    // Settings for another server, which must not matter here.
    const env = {
      DATA_DIR: join(place.folder, 'data'),
      PORT: '1',
      ADMIN_PASSWORD: 'x',
      SIGNING_KEY: 'x',
      CLOUD_LIKE: 'x',
    }
    const { exitCode, stdout, stderr } = await run(place, names, env)

    assert.equal(exitCode, 1)
    assert.deepEqual(
      await files(),
      [...names.filter((name) => !name.startsWith('missing')), 'clip.mp3', 'holiday.mp3'].toSorted(),
    )
    await assertSameLength('holiday.mp3', avi)
    await assertSameLength('clip.mp3', mp4)

    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`
    const step = `${time} – ${time}  [0-9.]+ s`
    const route = String.raw`upload@\S+ → transcode@\S+`
    const block = (head: string, aviToMp4: string): RegExp =>
      new RegExp(
        String.raw`^${head}  \(0:01, 192 kbit/s, [\d.]+ kB\)\n  start     ${time}\n  AVI→MP4   ${aviToMp4}\n` +
          String.raw`  MP4→MP3   ${step}\n  total     [\d.]+ s\n  route     ${route}$`,
        'm',
      )
    assert.match(stdout, block('holiday.avi → holiday.mp3', step))
    assert.match(stdout, block('clip.mp4 → clip.mp3', 'not AVI'))
    assert.match(stdout, /\n2 converted, 4 failed\n$/)
    assert.match(stderr, /^notes\.mp4 failed: The file is not a video .*\(NOT_MEDIA\)$/m)
    assert.match(stderr, /^missing\.mkv failed: There is no such file\.$/m)
    assert.match(stderr, /^empty\.mov failed: It is empty\.$/m)
    assert.match(stderr, /^folder\.avi failed: It is a folder\./m)
    assert.doesNotMatch(stdout + stderr, controlCharacters)
    assert.doesNotMatch(stderr, /severity/, "the server's log is not shown")
    assert.deepEqual(await readdir(place.temp), [])
  })

  it('writes into another folder, at the bitrate that is asked for', async () => {
    await write('holiday.avi', avi)
    const { exitCode, stdout, stderr } = await run(place, [
      'holiday.avi',
      '--out',
      'music/new',
      '--bitrate',
      '96',
    ])
    assert.equal(stderr, '')
    assert.equal(exitCode, 0)
    assert.match(stdout, /^holiday\.avi → music\/new\/holiday\.mp3 .*96 kbit\/s/)
    assert.deepEqual(await files(), ['holiday.avi', 'music'])
    await assertSameLength('music/new/holiday.mp3', avi)
    assert.deepEqual(await readdir(place.temp), [])
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`stops at ${signal} with ${code}, and leaves nothing`, async () => {
      await write('long.avi', long)
      const { child, result } = start(place, ['long.avi'])
      while (!(await isStoring(place.temp))) await delay(5)
      child.kill(signal)
      const { exitCode, stdout, stderr } = await result
      assert.equal(exitCode, code)
      assert.equal(stdout, '')
      assert.equal(stderr, 'Interrupted.\n')
      assert.deepEqual(await files(), ['long.avi'])
      assert.deepEqual(await readdir(place.temp), [])
    })
  }

  async function isStoring(temp: string): Promise<boolean> {
    const [folder] = await readdir(temp)
    if (folder === undefined) return false
    return (await readdir(join(temp, folder, 'objects')).catch(() => [])).length > 0
  }

  it('leaves nothing in the temporary folder when it cannot start', async () => {
    await write('clip.mp4', mp4)
    const { exitCode, stderr } = await run(place, ['clip.mp4'], { FFMPEG_PATH: '/nowhere/ffmpeg' })
    assert.equal(exitCode, 1)
    assert.match(stderr, /FFMPEG_PATH is \/nowhere\/ffmpeg/)
    assert.deepEqual(await readdir(place.temp), [])
  })
})

describe('The command line, with a running server', { timeout: 60_000 }, () => {
  usePlace()

  let server: TestServer
  let link: string
  before(async () => {
    server = await startServer()
    link = `${server.apiUrl}/#token=${server.token}`
  })
  after(() => server.stop())

  const signIns: [what: string, args: () => string[], env?: () => Record<string, string>][] = [
    ['the link that it prints', () => ['--server', link]],
    ['--token', () => ['--server', server.apiUrl, '--token', server.token]],
    ['TAPEDECK_TOKEN', () => ['--server', `${server.apiUrl}/`], () => ({ TAPEDECK_TOKEN: server.token })],
    [
      'an account',
      () => ['--server', server.apiUrl],
      () => ({ TAPEDECK_EMAIL: server.email, TAPEDECK_PASSWORD: server.password }),
    ],
  ]
  for (const [what, args, env] of signIns) {
    it(`signs in with ${what}, and leaves the job in the archive`, async () => {
      const name = `by ${what}.mp4`
      await write(name, mp4)
      const { exitCode, stdout, stderr } = await run(place, [name, ...args()], env?.())
      assert.equal(stderr, '')
      assert.equal(exitCode, 0)
      assert.match(stdout, /\n1 converted, 0 failed\n$/)
      const mp3 = (await files()).find((file) => file.endsWith('.mp3')) ?? ''
      await assertSameLength(mp3, mp4)
      const jobs = await new Client(server).list(`filename=${encodeURIComponent(name)}`)
      assert.deepEqual(
        jobs.map(({ status }) => status),
        ['MP3_COMPLETED'],
      )
    })
  }

  it('takes paths from where npm was called', async () => {
    await write('clip.mp4', mp4)
    const elsewhere = { ...place, folder: '/' }
    const { exitCode } = await run(elsewhere, ['clip.mp4', '--quality', '9', '--server', link], {
      npm_lifecycle_event: 'convert',
      INIT_CWD: place.folder,
    })
    assert.equal(exitCode, 0)
    assert.deepEqual(await files(), ['clip.mp3', 'clip.mp4'])
  })

  it('says how to sign in', async () => {
    await write('clip.mp4', mp4)
    const { exitCode, stderr } = await run(place, ['clip.mp4', '--server', server.apiUrl])
    assert.equal(exitCode, 2)
    assert.match(stderr, /#token=.*--token.*TAPEDECK_TOKEN.*TAPEDECK_EMAIL and TAPEDECK_PASSWORD/)
  })

  it('says once that a token is refused, or a password', async () => {
    await write('a.mp4', mp4)
    await write('b.mp4', mp4)
    const token = await run(place, ['a.mp4', 'b.mp4', '--server', server.apiUrl, '--token', 'wrong'])
    assert.equal(token.exitCode, 1)
    assert.match(token.stderr, /^http:\S+ refuses the token: [^\n]*\n$/)
    const account = { TAPEDECK_EMAIL: server.email, TAPEDECK_PASSWORD: 'wrong' }
    const password = await run(place, ['a.mp4', 'b.mp4', '--server', server.apiUrl], account)
    assert.equal(password.exitCode, 1)
    assert.match(password.stderr, /^There is no account with this e-mail and this password\.\n$/)
  })

  it('leaves an MP3 that exists alone, unless told to overwrite it', async () => {
    await write('clip.mp4', mp4)
    await write('clip.mp3', 'mine')
    const jobs = await new Client(server).list()
    const refused = await run(place, ['clip.mp4', '--server', link])
    assert.equal(refused.exitCode, 1)
    assert.match(refused.stderr, /^clip\.mp4 failed: clip\.mp3 exists already\. Use --overwrite/)
    assert.match(refused.stdout, /^0 converted, 1 failed\n$/)
    assert.equal(String(await read('clip.mp3')), 'mine')
    assert.equal((await new Client(server).list()).length, jobs.length, 'nothing was uploaded')

    assert.equal((await run(place, ['clip.mp4', '--overwrite', '--server', link])).exitCode, 0)
    await assertSameLength('clip.mp3', mp4)
    assert.deepEqual(await files(), ['clip.mp3', 'clip.mp4'])
  })

  it('never replaces a file that is to be converted', async () => {
    await write('song.mp3', mp4)
    const { exitCode, stderr } = await run(place, ['song.mp3', '--overwrite', '--server', link])
    assert.equal(exitCode, 1)
    assert.match(stderr, /would replace song\.mp3/)
    assert.ok((await read('song.mp3')).equals(mp4))
  })

  it('shows no control characters of a file name', async () => {
    await write('red\u001B[31m.mp4', 'text')
    const { stderr } = await run(place, ['red\u001B[31m.mp4', '--server', link])
    assert.match(stderr, /NOT_MEDIA/)
    assert.doesNotMatch(stderr, controlCharacters)
  })
})

describe('A wrong command line', { timeout: 30_000, concurrency: 4 }, () => {
  let nowhere: Place
  before(async () => {
    nowhere = await makePlace()
  })
  after(() => nowhere.remove())

  const mistakes: [args: string[], message: RegExp][] = [
    [[], /missing required argument 'FILE'/],
    [['a.mp4', '--bitrate', '5'], /'5' is invalid\. It must be at least 64 kbit\/s\./],
    [['a.mp4', '--bitrate', 'high'], /'high' is invalid\. It must be a whole number of kbit\/s\./],
    [['a.mp4', '--quality', '10'], /'10' is invalid\. It must be at most 9/],
    [
      ['a.mp4', '--bitrate', '128', '--quality', '2'],
      /'--bitrate <N>' cannot be used with option '--quality <N>'/,
    ],
    [['a.mp4', '--bitrat', '128'], /unknown option '--bitrat'/],
    [['a.mp4', '--server', 'example.com'], /'example\.com' is invalid\. It must be a URL/],
    [['a.mp4', '--token', 'x'], /--token is for a --server/],
    [['a.mp4', 'a.avi'], /^a\.mp4 and a\.avi would become the same MP3, a\.mp3\.\nNothing was converted/],
    [
      ['x/a.mp4', './b.avi', 'y/a.mov', '--out', 'z'],
      /^x\/a\.mp4 and y\/a\.mov would become the same MP3, z\/a\.mp3\./,
    ],
  ]
  for (const [args, message] of mistakes) {
    it(`is refused with 2: ${args.join(' ') || '(nothing)'}`, async () => {
      const { exitCode, stdout, stderr } = await run(nowhere, args)
      assert.equal(exitCode, 2)
      assert.match(stderr, message)
      assert.equal(stdout, '')
      assert.deepEqual(await readdir(nowhere.folder), [])
    })
  }

  it('is none when help is asked for', async () => {
    const { exitCode, stdout, stderr } = await run(nowhere, ['--help'])
    assert.equal(exitCode, 0)
    assert.match(stdout, /^Usage: npm run convert -- /)
    assert.match(stdout, /stay\s+in your archive/)
    assert.equal(stderr, '')
  })
})
