import { deflateSync } from 'node:zlib'
import type { Attack } from '../attack.ts'
import { firstPicture, giantPicture } from '../jpeg.ts'
import {
  block,
  cluster,
  element,
  floatTrack,
  head,
  ids,
  info,
  master,
  matroska,
  nestedIn,
  second,
  soundTrack,
  text,
  uint,
} from '../ebml.ts'

/** Sound whose every block is compressed: kilobytes that become megabytes. */
function compressed(megabytes: number, blocks: number): Buffer {
  const zlib = master(ids.compression, uint(ids.algorithm, 0))
  const track = soundTrack(1, master(ids.encodings, master(ids.encoding, zlib)))
  const packed = block(deflateSync(Buffer.alloc(megabytes * 1_000_000)))
  const clusters = Array.from({ length: blocks }, (_, index) => cluster(index * 62_500 * megabytes, packed))
  return Buffer.concat([head(), master(ids.segment, info(), master(ids.tracks, track), ...clusters)])
}

/** A compressed header of codec and blocks: what is stripped from each is as large as what is left. */
const stripped = (): Buffer => {
  const settings = element(ids.settings, Buffer.alloc(60_000))
  const encoding = master(ids.encoding, master(ids.compression, uint(ids.algorithm, 3), settings))
  return Buffer.concat([
    head(),
    master(ids.segment, info(), master(ids.tracks, soundTrack(1, master(ids.encodings, encoding))), second()),
  ])
}

/** Elements within each other, all of unknown size. */
const nested = (id: number, deep: number): Buffer =>
  Buffer.concat(Array.from({ length: deep }, () => element(id, Buffer.alloc(0), 'unknown')))

const uuid = Buffer.alloc(16, 0xab)

const linked = (file: string, url: string): Buffer =>
  Buffer.concat([
    head(),
    master(
      ids.segment,
      info(
        ...[element(ids.segmentUid, uuid), text(ids.segmentFilename, file), element(ids.nextUid, uuid)],
        ...[text(ids.nextFilename, file), element(ids.prevUid, uuid), text(ids.prevFilename, url)],
      ),
      master(ids.tracks, soundTrack()),
      chapters(),
      second(),
    ),
  ])

const chapters = (): Buffer =>
  master(
    ids.chapters,
    master(
      ids.edition,
      uint(ids.ordered, 1),
      ...Array.from({ length: 100 }, (_, index) =>
        master(
          ids.atom,
          ...[uint(ids.atomUid, index + 1), uint(ids.start, 0), uint(ids.end, 3_600_000_000_000)],
          element(ids.chapterSegment, uuid),
        ),
      ),
    ),
  )

const attached = (name: string, mime: string, content: Buffer): Buffer =>
  master(
    ids.attached,
    ...[text(ids.name, name), text(ids.mime, mime), element(ids.data, content), uint(ids.fileUid, 7)],
  )

const cues = (count: number): Buffer =>
  master(
    ids.cues,
    ...Array.from({ length: count }, (_, at) =>
      master(
        ids.cue,
        uint(ids.cueTime, at),
        master(ids.positions, uint(ids.cueTrack, 1), uint(ids.cuePosition, 0)),
      ),
    ),
  )

const seekTo = (id: number, position: number): Buffer =>
  master(ids.seek, element(ids.seekId, Buffer.from(id.toString(16), 'hex')), uint(ids.seekPosition, position))

/** A head that leads to one behind the sound, which leads to the next, and the last of so many to the first again. */
function seekLoop(heads: number): Buffer {
  const headTo = (position: number): Buffer => master(ids.seekHead, seekTo(ids.seekHead, position))
  const sound = [info(), master(ids.tracks, soundTrack()), second()]
  const { length } = headTo(0)
  const behind = length + Buffer.concat(sound).length
  const chain = Array.from({ length: heads }, (_, index) =>
    headTo(index + 1 < heads ? behind + (index + 1) * length : 0),
  )
  return Buffer.concat([head(), master(ids.segment, headTo(behind), ...sound, ...chain)])
}

const pictureTrack = (size: number): Buffer =>
  master(
    ids.track,
    ...[uint(ids.number, 2), uint(ids.uid, 2), uint(ids.type, 1), text(ids.codec, 'V_MJPEG')],
    master(ids.video, uint(ids.width, size), uint(ids.height, size)),
  )

const withPicture = (size: number, picture: Buffer): Buffer =>
  matroskaOf(master(ids.tracks, soundTrack(), pictureTrack(size)), cluster(0, block(picture, 0, 2)), second())

const matroskaOf = (tracks: Buffer, ...clusters: Buffer[]): Buffer =>
  Buffer.concat([head(), master(ids.segment, info(), tracks, ...clusters)])

const withTracks = (...tracks: Buffer[]): Buffer => matroskaOf(master(ids.tracks, ...tracks), second())

/** So many of them, of two bytes each, that say nothing. */
const emptyTracks = (count: number): Buffer =>
  matroskaOf(element(ids.tracks, Buffer.alloc(2 * count, Buffer.from([ids.track, 0x80]))), second())

const soundTracks = (count: number): Buffer =>
  withTracks(...Array.from({ length: count }, (_, index) => soundTrack(index + 1)))

/** More than a minute of one number, so that several encode it. */
function sound(number: number): Buffer {
  const samples = Buffer.alloc(4 * 8000)
  for (let at = 0; at < samples.length; at += 4) samples.writeFloatLE(number, at)
  const clusters = Array.from({ length: 65 }, (_, second) => cluster(second * 1000, block(samples)))
  return Buffer.concat([head(), master(ids.segment, info(), master(ids.tracks, floatTrack()), ...clusters)])
}

const slow =
  /never ends|thousand times larger|decoder takes|of one number|a million|256 million|no number|loud|unknown size|impossible|cues|tags|sixty|infinite/
const anything = ['MP3', 'CORRUPT', 'TRUNCATED', 'NO_AUDIO', 'UNSUPPORTED_AUDIO', 'TOO_LONG'] as const
const hls = (uri: string): Buffer => Buffer.from(`#EXTM3U\n#EXTINF:1.0,\n${uri}\n#EXT-X-ENDLIST\n`)

const heard = /^\[info\]   Stream #0:0.* Audio: pcm_s16le/
const floats = /^\[info\]   Stream #0:0.* Audio: pcm_f32le/
const unknownTrack = /Unknown or unsupported track type 0/
const tooManyStreams = /Number of streams exceeds max_streams/
const tooDeep = /beyond max. allowed depth/

export const matroskaAttacks: Attack[] = (
  [
    ['whose sound is no number', () => sound(NaN), [floats]],
    ['whose sound is infinite', () => sound(Infinity), [floats]],
    ['whose sound is as loud as can be', () => sound(3e38), [floats]],
    ['that is linked to other files', ({ file, url }) => linked(file, url), [heard]],
    [
      'with playlists attached',
      ({ file, url }) =>
        matroska(
          master(
            ids.attachments,
            attached(`../../../../../..${file}`, 'application/x-mpegurl', hls(`file://${file}`)),
            attached(file, 'application/vnd.apple.mpegurl', hls(`${url}/attached.ts`)),
            attached('font.ttf', 'application/x-truetype-font', Buffer.alloc(100_000)),
          ),
        ),
      [/mimetype +: application\/vnd.apple.mpegurl/, /Attachment: ttf/],
    ],
    [
      'of blocks that are a thousand times larger than they seem',
      () => compressed(9, 3),
      [/packets muxed \(9000000 bytes\)/],
    ],
    [
      'of blocks that are larger than any decoder takes',
      () => compressed(40, 1),
      [/After avformat_find_stream_info\(\) pos: 39232 .*frames:0/],
    ],
    ['that adds sixty kilobytes to every block', stripped, [/packets muxed \(61600 bytes\)/]],
    ['of 900 tracks', () => soundTracks(900), [/nb_streams:900/]],
    ['of 20000 tracks', () => soundTracks(20_000), [tooManyStreams]],
    [
      'of 20000 tracks of one number',
      () => withTracks(...Array.from({ length: 20_000 }, () => soundTrack())),
      [tooManyStreams],
    ],
    ['with ten thousand empty tracks', () => emptyTracks(10_000), [unknownTrack]],
    ['with a million empty tracks', () => emptyTracks(1_000_000), [unknownTrack]],
    ['with 20000 cues to its own beginning', () => matroska(cues(20_000)), [heard]],
    ['whose heads lead to each other', () => seekLoop(10), [heard]],
    ['whose heads lead to too many others', () => seekLoop(500), [/Too many level1 elements/]],
    [
      'with pictures of impossible size',
      (_, good) => withPicture(2 ** 31 - 1, firstPicture(good['flac.mkv'])),
      [/Picture size 2147483647x2147483647 is invalid/],
    ],
    [
      'with pictures of 16 million pixels',
      (_, good) => withPicture(16, giantPicture(good['flac.mkv'], 4000)),
      [/Video: mjpeg.* 4000x4000/],
    ],
    [
      'with pictures of 256 million pixels',
      (_, good) => withPicture(16, giantPicture(good['flac.mkv'], 16_000)),
      [/Video: mjpeg.* 16000x16000/],
    ],
    [
      'with elements of unknown size within each other',
      () => matroska(nested(ids.atom, 10_000)),
      [/Unknown-sized element at .* inside parent/],
    ],
    [
      'with tags nested ten thousand deep',
      () => matroska(master(ids.tags, master(ids.tag, nestedIn(ids.simpleTag, 10_000)))),
      [tooDeep],
    ],
    [
      'of segments of unknown size within each other',
      () => Buffer.concat([head(), nested(ids.segment, 10_000)]),
      [/unknown-length element with ID 0x18538067/],
    ],
    [
      'of clusters of unknown size within each other',
      () =>
        Buffer.concat([
          head(),
          nested(ids.segment, 1),
          info(),
          master(ids.tracks, soundTrack()),
          nested(ids.cluster, 10_000),
          second(),
        ]),
      [/After avformat_find_stream_info\(\) pos: 12\d{4} .*frames:[1-9]/],
    ],
    [
      'with an element larger than the universe',
      () => matroska(element(ids.attachments, Buffer.alloc(9), 2 ** 52)),
      [/exceeds containing master/],
    ],
    [
      'with a title that never ends',
      () =>
        matroska(
          master(
            ids.tags,
            master(
              ids.tag,
              master(ids.simpleTag, text(ids.tagName, 'TITLE'), text(ids.tagText, 'x\n'.repeat(500_000))),
            ),
          ),
        ),
      [/^\[info\] +title +: x/i],
    ],
    [
      'that lies about its kind in a thousand lines',
      ({ url }) =>
        Buffer.concat([
          head(`x\n[info] Input #0, ${url}\n`.repeat(1000)),
          matroska().subarray(head().length),
        ]),
      [/Unknown EBML doctype 'x/, heard],
    ],
  ] satisfies [string, Attack['make'], RegExp[]][]
).map(([what, make, reaches]) => ({
  what: `a Matroska file ${what}`,
  filename: 'holiday.mkv',
  make,
  ends: [...anything],
  reaches,
  isSlow: slow.test(what),
}))

export const webmAttack: Attack = {
  what: 'a WebM whose header is larger than any file',
  filename: 'holiday.webm',
  make: (_, good) => {
    const bytes = Buffer.from(good['opus.webm'])
    bytes.write('01fffffffffffffe', bytes.indexOf(Buffer.from('18538067', 'hex')) + 4, 'hex')
    return bytes
  },
  ends: ['TRUNCATED'],
  reaches: [/^\[info\]   Stream #0:1.* Audio: opus/],
}
