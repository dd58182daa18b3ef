import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lengthOf } from './boxes.ts'
import { fragmented, sample, whole, type MadeMovie } from './fragmented.testing.ts'
import { Indexer } from './indexer.ts'
import { parseMovie, type ParsedMovie, type ParsedTrack } from './parse.testing.ts'

/** What becomes of these bytes, handed in by so many at once. */
function index(bytes: Buffer, chunkSize = bytes.length): ReturnType<Indexer['head']> {
  const indexer = new Indexer()
  for (let at = 0; at < bytes.length; at += chunkSize) indexer.push(bytes.subarray(at, at + chunkSize))
  return indexer.head()
}

function headOf(bytes: Buffer, chunkSize?: number): Buffer {
  const result = index(bytes, chunkSize)
  assert.ok('head' in result, JSON.stringify(result))
  return Buffer.concat(result.head)
}

/** The MP4 that comes of it, read as a player does. */
function movieOf(made: MadeMovie): ParsedMovie {
  const bytes = fragmented(made)
  return parseMovie(Buffer.concat([headOf(bytes), bytes]))
}

function trackOf(made: MadeMovie): ParsedTrack {
  const [track] = movieOf(made).tracks
  assert.ok(track)
  return track
}

function assertHeadless(bytes: Buffer, why: RegExp): void {
  const result = index(bytes)
  assert.ok('headless' in result, 'there is a head')
  assert.match(result.headless, why)
}

const oneTrack = (...samples: ReturnType<typeof sample>[]): MadeMovie => ({
  fragments: [[{ track: 1, decodeTime: 0, samples }]],
})

const twoTracks: MadeMovie = {
  tracks: [1, 2],
  fragments: [
    [
      { track: 1, decodeTime: 0, samples: [sample(5), sample(7, { isSync: false })] },
      { track: 2, decodeTime: 0, samples: [sample(3), sample(3), sample(2)] },
    ],
    [{ track: 2, decodeTime: 30, samples: [sample(4)] }],
    [
      { track: 1, decodeTime: 20, samples: [sample(6, { isSync: false }), sample(8)] },
      { track: 2, decodeTime: 40, samples: [sample(1), sample(9)] },
    ],
  ],
}

describe('the head of an MP4 of fragments', () => {
  it('makes it an MP4 that has all in one piece, with nothing in it that speaks of fragments', () => {
    const bytes = fragmented(twoTracks)
    const head = headOf(bytes)
    const mp4 = Buffer.concat([head, bytes, whole('free')])
    assert.deepEqual(parseMovie(mp4).boxes, ['ftyp', 'moov', 'mdat', 'free'])
    assert.ok(!head.includes('mvex'))
  })

  it('says where each sample is', () => {
    const { tracks } = movieOf(twoTracks)
    const filling = tracks.map(({ samples }) => samples.map(({ bytes }) => bytes.toString('hex')))
    assert.deepEqual(filling, [
      ['0101010101', '02020202020202', '070707070707', '0808080808080808'],
      ['030303', '040404', '0505', '06060606', '09', '0a0a0a0a0a0a0a0a0a'],
    ])
  })

  it('is the same in whichever chunks the bytes come', () => {
    const bytes = fragmented(twoTracks)
    for (const size of [1, 7, 100]) assert.ok(headOf(bytes, size).equals(headOf(bytes)), `${size} bytes`)
  })

  it('says where decoding can begin, where it cannot everywhere', () => {
    const { tracks } = movieOf(twoTracks)
    assert.deepEqual(
      tracks[0]?.samples.map(({ isSync }) => isSync),
      [true, false, false, true],
    )
    assert.equal(headOf(fragmented(twoTracks)).toString('latin1').split('stss').length - 1, 1)
  })

  it('says how long tracks and movie last, and that they are shown to their ends', () => {
    const long = { track: 2, decodeTime: 0, samples: [sample(1, { duration: 900 }), sample(1)] }
    const short = { track: 1, decodeTime: 0, samples: [sample(1, { duration: 300 })] }
    const { duration, tracks } = movieOf({
      timescale: 90,
      tracks: [1, 2],
      mediaTime: 9,
      fragments: [[short, long]],
    })
    // 301 of 90 and 901 of 90, rounded up to milliseconds.
    assert.equal(duration, 10012)
    assert.deepEqual(
      tracks.map(({ mediaDuration, shownDuration, edits }) => ({ mediaDuration, shownDuration, edits })),
      [
        { mediaDuration: 300, shownDuration: 3234, edits: [{ duration: 3234, mediaTime: 9 }] },
        { mediaDuration: 910, shownDuration: 10012, edits: [{ duration: 10012, mediaTime: 9 }] },
      ],
    )
  })

  it('says that of tracks without an edit list, too', () => {
    const { shownDuration, edits } = trackOf(oneTrack(sample(1), sample(1)))
    assert.deepEqual([shownDuration, edits], [20, []])
  })

  it('keeps how much later than decoded a picture is shown, or earlier', () => {
    for (const [offsets, shownDuration] of [
      [[20, 40, 0], 60],
      [[0, -10, 20], 50],
    ] as const) {
      const samples = offsets.map((compositionOffset) => sample(1, { compositionOffset }))
      const track = trackOf(oneTrack(...samples))
      assert.deepEqual(
        track.samples.map(({ compositionOffset }) => compositionOffset),
        offsets,
      )
      assert.equal(track.shownDuration, shownDuration)
      assert.equal(track.mediaDuration, 30)
    }
  })

  it('lets a sample last until the next one, whatever a fragment says of its last', () => {
    const { samples, mediaDuration } = trackOf({
      fragments: [0, 500, 505].map((decodeTime) => [{ track: 1, decodeTime, samples: [sample(1)] }]),
    })
    assert.deepEqual(
      samples.map(({ duration }) => duration),
      [500, 5, 10],
    )
    assert.equal(mediaDuration, 515)
  })

  it('knows times of more than 32 bits', () => {
    const duration = 3_000_000_000
    const track = trackOf({
      timescale: 1_000_000,
      ...oneTrack(sample(1, { duration }), sample(1, { duration })),
    })
    assert.equal(track.mediaDuration, 6_000_000_000)
    assert.equal(track.shownDuration, 6_000_000)
  })

  it('takes a track of which there is nothing', () => {
    const { tracks } = movieOf({ ...oneTrack(sample(1)), tracks: [1, 2] })
    assert.deepEqual(
      tracks.map(({ samples, shownDuration }) => [samples.length, shownDuration]),
      [
        [1, 10],
        [0, 0],
      ],
    )
  })

  it('is small: some bytes a sample, however many fragments there are', () => {
    const fragments = Array.from({ length: 1000 }, (_, second) => [
      { track: 1, decodeTime: second * 250, samples: Array.from({ length: 25 }, () => sample(1)) },
    ])
    const { head } = index(fragmented({ fragments }), 65_536) as { head: Buffer[] }
    const bytesPerSample = lengthOf(head) / 25_000
    assert.ok(bytesPerSample < 4.5, `${bytesPerSample} bytes`)
  })

  describe('is left out, with the reason, where', () => {
    const usual = fragmented(oneTrack(sample(4)))
    const patched = (box: string, offset: number, byte: number): Buffer => {
      const bytes = Buffer.from(usual)
      bytes[bytes.indexOf(box) + 4 + offset] = byte
      return bytes
    }

    for (const [what, bytes, why] of [
      ['there is nothing', Buffer.alloc(0), /no ftyp or no moov/],
      ['it is no MP4', Buffer.alloc(20, '?'), /no box at byte 0/],
      ['its end is missing', usual.subarray(0, -1), /last box is not complete/],
      ['the movie is missing', usual.subarray(0, 12), /no ftyp or no moov/],
      ['there are two movies', Buffer.concat([usual, usual]), /a second moov/],
      [
        'a box is too large to be held',
        whole('moov', Buffer.alloc(17 * 2 ** 20)),
        /moov box of 17825800 bytes/,
      ],
      ['the headers of the movie are new', patched('mvhd', 0, 1), /Version 1 of a box/],
      ['the fragment is described in another way', patched('tfhd', 1, 0), /fields 56 of a tfhd/],
      ['a run of samples does not say where it begins', patched('trun', 3, 0), /does not say where/],
      ['a fragment ends in the middle', patched('trun', 7, 200), /RangeError/],
      ['the fragment is of a track that there is not', patched('tfhd', 7, 9), /of track 9/],
    ] as const)
      it(what, () => assertHeadless(bytes, why))

    it('its times go back', () => {
      const fragments = [100, 50].map((decodeTime) => [{ track: 1, decodeTime, samples: [sample(1)] }])
      assertHeadless(fragmented({ fragments: [fragments[0] ?? []] }), /begins at 100, not at 0/)
      const begun = [{ track: 1, decodeTime: 0, samples: [sample(1)] }]
      assertHeadless(fragmented({ fragments: [begun, ...fragments] }), /at 50 comes after one at 100/)
    })

    it('it has more samples than anybody should keep in mind', () => {
      const bytes = fragmented(oneTrack(sample(1)))
      const at = bytes.indexOf('trun') + 4
      // All fields from the defaults, but for where it begins: the samples cost nothing.
      bytes.writeUInt32BE(1, at)
      bytes.writeUInt32BE(0xffffffff, at + 4)
      assertHeadless(bytes, /more than 4000000 samples/)
    })
  })
})
