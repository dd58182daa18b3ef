import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Cores } from '../cores.ts'
import { encodeMp3, type Mp3 } from '../encode.ts'
import { probe } from '../probe.ts'
import { decode, path, sourceOf, video, withInput } from '../testing.ts'
import { isWorthSharing } from './index.ts'

const seconds = 66
const noise = (from: number): string => `0.1*(random(${from})-0.5)`
const made = (level: string, length: number): string[] => [
  ...['-f', 'lavfi', '-i'],
  `aevalsrc='${level}*(0.3*sin(2*PI*t*(200+9*t))+${noise(1)})|${level}*${noise(2)}':s=44100:d=${length}`,
]

await video('sound.wav', made('1', 2 * seconds))
const wave = await path('sound.wav')
const sound = (length = seconds): string[] => ['-t', String(length), '-i', wave]

const noEdits = (length: number): string[] => [
  ...sound(length),
  ...['-c:a', 'pcm_s16le', '-use_editlist', '0'],
]

/** An MP3 of half the length. */
const tape = (sampleRate: number, channels: number): string[] => [
  ...[...sound(seconds / 2), '-ar', String(sampleRate), '-ac', String(channels)],
  ...['-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0'],
]

interface Outcome extends Mp3 {
  file: Buffer
  fractions: number[]
  /** How many processes read the source. */
  readers: number
  /** Where in the source reads began. */
  starts: number[]
}

async function convert(bytes: Buffer, cores: number, quality?: number): Promise<Outcome> {
  const source = sourceOf(bytes)
  const starts: number[] = []
  let readers = 0
  const read = (start: number, end: number) => {
    starts.push(start)
    if (start === 0 && end === source.size - 1) readers++
    return source.read(start, end)
  }
  return withInput({ ...source, read }, async (input) => {
    const media = await probe(input)
    readers = 0
    const fractions: number[] = []
    const onProgress = (fraction: number): void => void fractions.push(fraction)
    const request = { options: { quality }, filename: 'a', cores: new Cores(cores), onProgress }
    let body: Buffer[] = []
    const mp3 = await encodeMp3(input, media, request, async (frames) => {
      body = await Array.fromAsync(frames)
    })
    return { ...mp3, file: Buffer.concat([mp3.header, ...body]), fractions, readers, starts }
  })
}

async function assertWhole(bytes: Buffer, mp3: Outcome): Promise<void> {
  assert.deepEqual(mp3.warnings, [])
  const source = await decode(bytes)
  assert.equal(mp3.samples, source.length / 4)
  assert.equal((await decode(mp3.file)).length, source.length)
  assert.deepEqual(
    mp3.fractions,
    mp3.fractions.toSorted((one, other) => one - other),
  )
}

describe('a long sound', { concurrency: 2 }, () => {
  it('is shared where there are cores for it, and it lasts a minute or nobody knows how long', () => {
    assert.equal(isWorthSharing(1800, 1), false)
    assert.equal(isWorthSharing(59, 2), false)
    assert.equal(isWorthSharing(60, 2), true)
    assert.equal(isWorthSharing(undefined, 2), true)
  })

  it('is encoded by several processes that seek', async () => {
    const bytes = await video('seek.mov', [...sound(), '-c:a', 'pcm_s16le'])
    const mp3 = await convert(bytes, 2)
    assert.equal(mp3.readers, 3, 'one to find out when the sound begins, two to encode it')
    await assertWhole(bytes, mp3)
  })

  it('is no larger at variable bitrate than one process makes it', async () => {
    const bytes = await video('quality.mov', [...sound(), '-c:a', 'pcm_s16le'])
    const [alone, shared] = [await convert(bytes, 1, 2), await convert(bytes, 2, 2)]
    await assertWhole(bytes, shared)
    assert.ok(shared.file.length <= 1.01 * alone.file.length, `${shared.file.length}, ${alone.file.length}`)
  })

  it('is encoded by one process on one core', async () => {
    const bytes = await video('alone.mov', [...sound(), '-c:a', 'pcm_s16le'])
    const mp3 = await convert(bytes, 1)
    assert.equal(mp3.readers, 1)
    await assertWhole(bytes, mp3)
  })

  for (const [what, name, args, told = 1] of [
    ['the join lies in silence', 'silence.mov', [...made('lt(abs(t-33),4)-1', seconds), '-c:a', 'pcm_s16le']],
    [
      'a tone repeats at the join',
      'tone.mov',
      ['-f', 'lavfi', '-i', `sine=441:d=${seconds}`, '-ac', '2', '-c:a', 'pcm_s16le'],
    ],
    [
      'timestamps have a gap',
      'gap.mp4',
      [...sound(), '-af', "aselect='not(between(t,5,6.3))'", '-c:a', 'aac'],
    ],
    ['it is shorter than it is said to be', 'short.mov', noEdits(seconds), 1.9],
    ['it is longer than it is said to be', 'long.mov', noEdits(2 * seconds), 0.5],
    ['its length is made up', 'made-up.mov', noEdits(seconds), 600],
  ] as [string, string, string[], number?][])
    it(`is whole where ${what}`, async () => {
      const bytes = await video(name, args)
      if (told !== 1) {
        // How long the track says it is: there are no edits that say it, too.
        assert.ok(!bytes.includes('elst'))
        const duration = bytes.indexOf('mdhd') + 20
        bytes.writeUInt32BE(Math.round(bytes.readUInt32BE(duration) * told), duration)
      }
      await assertWhole(bytes, await convert(bytes, 2))
    })

  for (const name of ['quiet.mkv', 'quiet.mov'])
    it(`is encoded to its end where hardly a byte comes out of it (${name})`, async () => {
      const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=24000:cl=mono:d=200', '-c:a', 'pcm_s16le']
      const bytes = await video(name, silence)
      const mp3 = await convert(bytes, 2, 9)
      assert.equal(mp3.samples, 200 * 24000)
      assert.deepEqual(mp3.warnings, [])
    })

  for (const [what, parts] of [
    ['sample rate', [tape(44100, 2), tape(22050, 2)]],
    ['number of channels', [tape(44100, 2), tape(44100, 1)]],
  ] as const)
    it(`is whole where its ${what} changes`, async () => {
      const mp3s = await Promise.all(parts.map((args, index) => video(`${what}-${index}.mp3`, args)))
      const joined = await path(`${what}.mp3`, Buffer.concat(mp3s))
      const bytes = await video(`${what}.mp4`, ['-f', 'mp3', '-i', joined, '-c', 'copy'])
      const [alone, shared] = [await convert(bytes, 1, 5), await convert(bytes, 2, 5)]
      assert.equal(shared.samples, alone.samples)
      assert.deepEqual(shared.warnings, alone.warnings)
    })

  it('is read from where each segment begins, even where pictures can be decoded from the first one only', async () => {
    // Long enough for four segments, which takes half a minute each.
    const length = 2 * seconds
    const pictures = `testsrc=size=320x240:rate=10:duration=${length},noise=alls=30:allf=t`
    const once = ['-c:v', 'libx264', '-preset', 'ultrafast', '-x264-params', 'keyint=infinite:scenecut=0']
    await video('pictures.mp4', ['-f', 'lavfi', '-i', pictures, ...once])
    const streams = ['-i', await path('pictures.mp4'), ...sound(length), '-c:v', 'copy']
    for (const [name, codec] of [
      ['one-key-frame.mp4', 'aac'],
      ['one-key-frame.avi', 'pcm_s16le'],
    ] as const) {
      const bytes = await video(name, [...streams, '-c:a', codec])
      const { starts } = await convert(bytes, 4)
      for (const quarter of [1, 2, 3]) {
        const [from, to] = [(quarter - 0.2) / 4, (quarter + 0.2) / 4].map((share) => share * bytes.length)
        const isRead = starts.some((start) => start > (from ?? 0) && start < (to ?? 0))
        assert.ok(isRead, `${name}, quarter ${quarter}: ${starts.join()}`)
      }
    }
  })
})
