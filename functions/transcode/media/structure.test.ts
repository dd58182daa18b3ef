import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readStructure } from './structure.ts'
import { pictures, sourceOf, tone, video } from './testing.ts'

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const u32le = (value: number): Buffer => Buffer.from(u32(value).toReversed())
const box = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body])
}
const words = (...values: number[]): Buffer => Buffer.concat(values.map(u32))
const riff = (type: string, size: number): Buffer =>
  Buffer.concat([Buffer.from('RIFF'), u32le(size), Buffer.from(type)])

const ftyp = box('ftyp', Buffer.from('isom'), words(0))
const track = (kind: string, seconds: number, edits: Buffer[], chunks: number[]): Buffer =>
  box(
    'trak',
    ...edits,
    box(
      'mdia',
      box('mdhd', words(0, 0, 0, 48_000, 48_000 * seconds, 0)),
      box('hdlr', words(0, 0), Buffer.from(kind), words(0, 0, 0)),
      box('minf', box('stbl', box('stco', words(0, chunks.length, ...chunks)))),
    ),
  )
const moov = (...tracks: Buffer[]): Buffer =>
  box('moov', box('mvhd', words(0, 0, 0, 1000, 99_000)), ...tracks)

const structureOf = (...bytes: Buffer[]) => readStructure(sourceOf(Buffer.concat(bytes)))

describe('the structure of an MP4', () => {
  const mdat = box('mdat', Buffer.alloc(1000))

  it('promises what its first audio track lasts', async () => {
    const tracks = moov(track('vide', 50, [], []), track('soun', 40, [], [100]), track('soun', 30, [], [100]))
    const expected = { container: 'mp4', truncated: false, audioSeconds: 40 }
    assert.deepEqual(await structureOf(ftyp, tracks, mdat), expected)
    assert.deepEqual(await structureOf(ftyp, mdat, tracks), expected)
  })

  it('promises only what its edits show', async () => {
    const elst = (...entries: number[]) => box('edts', box('elst', words(0, entries.length / 3, ...entries)))
    // A second of nothing, then twelve seconds of the track from its fifth on.
    const edits = [elst(1000, 0xffffffff, 0x10000, 12_000, 240_000, 0x10000)]
    assert.equal((await structureOf(ftyp, moov(track('soun', 40, edits, [100])), mdat)).audioSeconds, 12)
    const unlimited = [elst(0, 1024, 0x10000)]
    assert.equal((await structureOf(ftyp, moov(track('soun', 40, unlimited, [100])), mdat)).audioSeconds, 40)
  })

  it('promises nothing if its fragments say how long it is', async () => {
    assert.deepEqual(await structureOf(ftyp, moov(track('soun', 0, [], [])), mdat), {
      container: 'mp4',
      truncated: false,
      audioSeconds: undefined,
    })
  })

  it('tells when the end is missing, and gives up when most of the sound is', async () => {
    const cut = mdat.subarray(0, 500)
    const promise = (...chunks: number[]) => moov(track('soun', 40, [], chunks))
    assert.equal((await structureOf(ftyp, promise(250, 300, 400, 5000), cut)).truncated, true)
    await assert.rejects(structureOf(ftyp, promise(250, 300, 5000, 6000), cut), {
      code: 'TRUNCATED',
      message: 'The file is not complete: only 50 % of it is there. Upload it again, whole.',
    })
  })

  it('needs its index', async () => {
    const missing = { code: 'TRUNCATED', message: /its index \(moov\) is missing/ }
    await assert.rejects(structureOf(ftyp), missing)
    await assert.rejects(structureOf(ftyp, mdat), missing)
    await assert.rejects(structureOf(ftyp, mdat.subarray(0, 100)), missing)
    await assert.rejects(structureOf(ftyp, mdat, moov(track('soun', 40, [], [])).subarray(0, -1)), missing)
  })

  it('may have a box of 64-bit size, and one that lasts to the end', async () => {
    const large = Buffer.concat([words(1), Buffer.from('mdat'), words(0, 1000), Buffer.alloc(984)])
    const last = Buffer.concat([words(0), Buffer.from('mdat'), Buffer.alloc(77)])
    const structure = await structureOf(ftyp, large, moov(track('soun', 40, [], [])), last)
    assert.deepEqual(structure, { container: 'mp4', truncated: false, audioSeconds: 40 })
  })

  it('is read with a handful of small reads, however large the file', async () => {
    const bytes = Buffer.concat([ftyp, box('mdat', Buffer.alloc(3_000_000)), moov(track('soun', 40, [], []))])
    const source = sourceOf(bytes)
    const reads: number[] = []
    await readStructure({
      ...source,
      read: (start, end) => {
        reads.push(end - start + 1)
        return source.read(start, end)
      },
    })
    assert.ok(reads.length <= 5)
    assert.ok(reads.reduce((sum, length) => sum + length) < 70_000)
  })

  it('may hold anything without harm', async () => {
    for (const odd of [
      words(0xffffffff, 0),
      words(5, 0x6d6f6f76),
      words(1, 0x6d6f6f76, 0xffffffff, 0xffffffff),
    ])
      await structureOf(ftyp, odd, Buffer.alloc(100)).catch((error: unknown) =>
        assert.ok(error instanceof Error && 'code' in error && error.code === 'TRUNCATED', String(error)),
      )
    assert.equal(
      (await structureOf(ftyp, box('moov', box('trak', words(8, 1, 2))), mdat)).audioSeconds,
      undefined,
    )
  })
})

describe('the structure of an AVI', () => {
  it('continues in further RIFF chunks', async () => {
    const first = [riff('AVI ', 1004), Buffer.alloc(1000)]
    const second = [riff('AVIX', 504), Buffer.alloc(500)]
    assert.equal((await structureOf(...first)).truncated, false)
    assert.equal((await structureOf(...first, ...second)).truncated, false)
    assert.equal((await structureOf(...first, ...second, Buffer.from('trailing junk'))).truncated, false)
    assert.equal((await structureOf(...first, riff('AVIX', 504), Buffer.alloc(400))).truncated, true)
    await assert.rejects(structureOf(...first, riff('AVIX', 5000), Buffer.alloc(400)), { code: 'TRUNCATED' })
  })

  it('promises nothing if it was never finished', async () => {
    for (const size of [0, 0xffffffff])
      assert.deepEqual(await structureOf(riff('AVI ', size), Buffer.alloc(100)), {
        container: 'avi',
        truncated: false,
        audioSeconds: undefined,
      })
  })

  it('promises what its audio track lasts, but not more than its video', async () => {
    const avi = await video('a.avi', [...tone(2), ...pictures(3), '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'])
    assert.equal((await structureOf(avi)).audioSeconds, 2)
    avi.writeUInt32LE(0x7fffffff, avi.indexOf('auds') + 32)
    assert.equal((await structureOf(avi)).audioSeconds, 3)
  })
})

describe('the structure of a Matroska file', () => {
  const ebml = Buffer.from('1a45dfa3874282847765626d', 'hex')
  const segment = (size: string): Buffer => Buffer.from(`18538067${size}`, 'hex')

  it('promises the size of its segment', async () => {
    assert.equal((await structureOf(ebml, segment('0100000000000064'), Buffer.alloc(100))).truncated, false)
    assert.equal((await structureOf(ebml, segment('4064'), Buffer.alloc(100))).truncated, false)
    assert.equal((await structureOf(ebml, segment('0100000000000064'), Buffer.alloc(90))).truncated, true)
    await assert.rejects(structureOf(ebml, segment('0100000000000064'), Buffer.alloc(20)), {
      code: 'TRUNCATED',
    })
  })

  it('promises nothing if that is unknown, as in a live recording', async () => {
    for (const unknown of ['ff', '01ffffffffffffff'])
      assert.equal((await structureOf(ebml, segment(unknown), Buffer.alloc(10))).truncated, false)
  })
})
