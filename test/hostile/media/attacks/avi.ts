import type { Attack } from '../attack.ts'
import { giantPicture } from '../jpeg.ts'
import { avi, chunk, littleWords, pcmFormat, pictureFormat } from '../riff.ts'

const seconds = 0.5
const sound = { type: 'auds', format: pcmFormat(), length: 8000 * seconds } as const
const samples = (stream = '00'): Buffer =>
  chunk(`${stream}wb`, Buffer.from(Uint8Array.from({ length: 8000 * seconds }, (_, at) => 100 + (at % 50))))

const playlist = (address: string): Buffer =>
  Buffer.from(`#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\n${address}\n#EXT-X-ENDLIST\n`)

/** A subtitle stream within AVI: a name, and then a file of its own, which demuxers like to guess the kind of. */
function gab2(file: Buffer): Buffer {
  const name = Buffer.from('x\0\0\0', 'latin1')
  const head = Buffer.concat([Buffer.from('GAB2\0\x02\0', 'latin1'), littleWords(name.length), name])
  return Buffer.concat([head, Buffer.from('\x04\0', 'latin1'), littleWords(file.length), file])
}

const withSubtitles = (file: Buffer): Buffer =>
  avi({
    streams: [
      { type: 'txts', format: Buffer.alloc(0), length: 1, rate: 1, sampleSize: 0 },
      sound,
      { type: 'txts', handler: 'GAB2', format: Buffer.alloc(40), length: 1, rate: 1, sampleSize: 0 },
    ],
    movie: [chunk('00tx', gab2(file)), chunk('02tx', gab2(file)), samples('01')],
  })

const xsub = (handler: string, file: Buffer): Buffer =>
  avi({
    streams: [
      sound,
      { type: 'vids', handler, format: pictureFormat(handler), length: 1, rate: 1, sampleSize: 0 },
    ],
    movie: [chunk('01sb', file), samples()],
  })

const entry = (id: string, offset: number, size: number): Buffer =>
  Buffer.concat([Buffer.from(id), littleWords(0x10, offset, size)])

/** An index of so many entries that all lead to the same piece of sound. */
const repeated = (entries: number): Buffer =>
  avi({
    streams: [{ ...sound, length: 0x7fffffff }],
    movie: [samples()],
    index: Buffer.concat(Array.from({ length: entries }, () => entry('00wb', 4, 8000 * seconds))),
  })

/** Pictures that an index shows again and again, with sound that lies before them all. */
const repeatedPictures = (entries: number): Buffer =>
  avi({
    streams: [
      sound,
      {
        type: 'vids',
        handler: 'MJPG',
        format: pictureFormat('MJPG'),
        length: entries,
        rate: 10,
        sampleSize: 0,
      },
    ],
    movie: [samples(), chunk('01dc', Buffer.alloc(100_000, 1))],
    index: Buffer.concat([
      entry('00wb', 4, 8000 * seconds),
      ...Array.from({ length: entries }, () => entry('01dc', 12 + 8000 * seconds, 100_000)),
    ]),
  })

const numberOf = (stream: number): string => stream.toString().padStart(2, '0')

const pictures = (size: number, picture: Buffer): Buffer =>
  avi({
    streams: [
      sound,
      { type: 'vids', handler: 'MJPG', format: pictureFormat('MJPG', size, size), sampleSize: 0 },
    ],
    movie: [samples(), chunk('01dc', picture)],
    width: size,
    height: size,
  })

/** A subtitle stream's own file, which was opened, by the name in front of it. */
const subtitles = /^\[info\] +title +: x/
const sounds = /^\[info\]   Stream #0:0.* Audio: pcm_u8/

const slow = /aeon|concat script|transparency|Windows Media|65535|4 GHz|DivX|99 streams|larger than|million/
const anything = ['MP3', 'CORRUPT', 'TRUNCATED', 'NO_AUDIO', 'UNSUPPORTED_AUDIO'] as const

export const aviAttacks: Attack[] = (
  [
    [
      'with a playlist of a file as subtitles',
      ({ file }) => withSubtitles(playlist(`file://${file}`)),
      [subtitles, /Not detecting m3u8/],
    ],
    [
      'with a playlist of a URL as subtitles',
      ({ url }) => withSubtitles(playlist(`${url}/gab2.ts`)),
      [subtitles, /Not detecting m3u8/],
    ],
    [
      'with a concat script as subtitles',
      ({ file }) => withSubtitles(Buffer.from(`ffconcat version 1.0\nfile ${file}\n`)),
      [subtitles],
    ],
    [
      'with subtitles that name a file, for which another demuxer would be opened',
      ({ file }) => withSubtitles(Buffer.from(`[Script Info]\n[Fonts]\nfontname: ${file}\n`)),
      [subtitles, /Format not on whitelist 'avi'/],
    ],
    [
      'with a playlist as DivX subtitles',
      ({ url }) => xsub('DXSB', playlist(`${url}/dxsb.ts`)),
      [/Subtitle: xsub \(DXSB/],
    ],
    [
      'with a playlist as DivX subtitles with transparency',
      ({ file }) => xsub('DXSA', playlist(`file://${file}`)),
      [/Subtitle: xsub \(DXSA/],
    ],
    [
      'with a Windows Media file inside',
      ({ url }) =>
        xsub('WMV3', Buffer.concat([Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex'), playlist(url)])),
      [/Video: wmv3/],
    ],
    [
      'of 99 streams',
      () =>
        avi({
          streams: Array.from({ length: 99 }, () => sound),
          movie: Array.from({ length: 99 }, (_, stream) => samples(numberOf(stream))),
        }),
      [/nb_streams:99/],
    ],
    [
      'with pictures of impossible size',
      () => pictures(0x7fffffff, Buffer.alloc(500)),
      [/Picture size 2147483647x2147483647 is invalid/],
    ],
    [
      'with pictures of 256 million pixels',
      (_, good) => pictures(16, giantPicture(good['pcm.avi'], 16_000)),
      [/Video: mjpeg.* 16000x16000/],
    ],
    ['whose index leads to the same sound 2000 times', () => repeated(2000), [sounds]],
    [
      'whose index shows the same picture 2000 times',
      () => repeatedPictures(2000),
      [/Duration: 00:03:20/, /Video: mjpeg/],
    ],
    [
      'whose sound has 4 GHz',
      () =>
        avi({ streams: [{ ...sound, format: pcmFormat(0xffffffff), rate: 0xffffffff }], movie: [samples()] }),
      [/too large timebase/],
    ],
    [
      'whose sound has one sample an aeon',
      () =>
        avi({
          streams: [{ ...sound, format: pcmFormat(1), rate: 1, length: 0xffffffff }],
          movie: [samples()],
        }),
      [/Audio: pcm_u8 .* 1 Hz/],
    ],
    [
      'whose sound has 65535 channels',
      () => avi({ streams: [{ ...sound, format: pcmFormat(8000, 0xffff) }], movie: [samples()] }),
      [/Too many channels: 65535/],
    ],
    [
      'whose chunks are larger than the file',
      () => avi({ streams: [sound], movie: [samples(), chunk('00wb', Buffer.alloc(99), 0xfffffff0)] }),
      [sounds],
    ],
  ] satisfies [string, Attack['make'], RegExp[]][]
).map(([what, make, reaches]) => ({
  what: `an AVI ${what}`,
  filename: 'holiday.avi',
  make,
  ends: [...anything, 'TOO_LONG'],
  reaches,
  isSlow: slow.test(what),
}))
