import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ffmpeg } from './processes.ts'

/** A kind of source: ffmpeg's name of its container, and how its sound and its pictures are encoded. */
export interface Kind {
  name: string
  format: string
  audio: string[]
  video: string[]
  sampleRate: number
}

const mpeg4 = ['mpeg4']
const vp8 = ['libvpx', '-deadline', 'realtime', '-cpu-used', '8']

export const kinds = {
  mp4Aac: kind('MP4/AAC', 'mp4', ['aac', '-b:a', '128k'], mpeg4),
  aviPcm: kind('AVI/PCM', 'avi', ['pcm_s16le'], mpeg4),
  aviMp3: kind('AVI/MP3', 'avi', ['libmp3lame', '-b:a', '128k'], mpeg4),
  webmOpus: kind('WebM/Opus', 'webm', ['libopus', '-b:a', '128k'], vp8, 48_000),
  mkvAc3: kind('MKV/AC3', 'matroska', ['ac3', '-b:a', '192k'], mpeg4, 48_000),
} satisfies Record<string, Kind>

function kind(name: string, format: string, audio: string[], video: string[], sampleRate = 44_100): Kind {
  return { name, format, audio, video, sampleRate }
}

/** Pictures a second. */
const pictureRate = 10

/** How long a stretch of sound is made: a longer source repeats it, which no encoder looks back far enough to notice. */
const longestSound = 300

/** Chords over a bass, a voice that rises and falls in syllables with pauses, and noise that swells: never the same level for long. */
const chord = (root: number): string =>
  [1, 1.26, 1.5, 2.52]
    .map((step, index) => `0.07*sin(2*PI*${root * step}*t+${index}*sin(4*t))*(0.6+0.4*sin(0.${3 + index}*t))`)
    .join('+')
const voice =
  '0.25*sin(2*PI*170*t+9*sin(1.7*t)+2*sin(2*PI*340*t))*max(0,sin(9*t)*sin(0.8*t))+0.12*sin(2*PI*2100*t+30*sin(5*t))*max(0,sin(13*t)*sin(0.6*t))'
const bass = '0.15*sin(2*PI*55*(1+mod(floor(t),4)/3)*t)*exp(-2*mod(t,1))'
const noise = (channel: number): string =>
  `(random(${channel})-0.5)*(0.02+0.1*max(0,sin(0.37*t))+0.25*exp(-25*mod(t,0.5)))`
const sound = `aevalsrc='${chord(220)}+${voice}+${bass}+${noise(0)}|${chord(247)}+${voice}+${bass}+${noise(1)}'`

/** A file of stereo sound with small pictures, of so many seconds; gives its path. Both end together. */
export async function makeSource(folder: string, kind: Kind, seconds: number): Promise<string> {
  const path = join(folder, `${kind.name.replaceAll('/', '-')}-${seconds}`)
  const wave = await makeSound(folder, kind.sampleRate, seconds)
  await ffmpeg([
    ...[
      '-stream_loop',
      '-1',
      '-i',
      wave,
      '-f',
      'lavfi',
      '-i',
      `testsrc=s=160x120:r=${pictureRate}:d=${seconds}`,
    ],
    ...['-map', '1:v', '-map', '0:a', '-c:v', ...kind.video, '-c:a', ...kind.audio],
    ...['-t', String(seconds), '-f', kind.format, path],
  ])
  return path
}

/**
 * A file with AAC of so many times `seconds`, of which one is encoded. The frames of its sound are put one behind the other without
 * their container, so that each has the timestamp that it would have if all of it had been encoded.
 */
export async function makeLong(
  folder: string,
  format: 'mp4' | 'matroska',
  seconds: number,
  times: number,
): Promise<string> {
  const short = await makeSource(folder, kinds.mp4Aac, seconds)
  const [frames, pictures] = [join(folder, 'frames.aac'), join(folder, 'pictures.mp4')]
  await ffmpeg(['-i', short, '-map', '0:a', '-c', 'copy', '-f', 'adts', frames])
  await ffmpeg(['-i', short, '-map', '0:v', '-c', 'copy', pictures])
  const path = join(folder, `long-${times}-${format}`)
  await ffmpeg([
    ...['-f', 'aac', '-i', `concat:${Array.from({ length: times }, () => frames).join('|')}`],
    ...['-stream_loop', String(times - 1), '-i', pictures],
    ...['-map', '1:v', '-map', '0:a', '-c', 'copy', '-f', format, path],
  ])
  return path
}

/** A file of so many seconds and about so many bytes, most of which are pictures: the larger they are, the more bytes. */
export async function makeLarge(folder: string, kind: Kind, bytes: number, seconds: number): Promise<string> {
  const pictures = join(folder, 'pictures.mp4')
  // Noise, which no encoder makes small: a picture of 1280 x 720 takes about a megabyte.
  const scale = Math.sqrt(bytes / (seconds * pictureRate) / 1e6)
  const [width, height] = [1280, 720].map((side) => 2 * Math.round((scale * side) / 2))
  const noise = `testsrc2=s=${width}x${height}:r=${pictureRate}:d=${Math.min(seconds, 10)},noise=alls=60:allf=t`
  await ffmpeg(['-f', 'lavfi', '-i', noise, '-c:v', 'mjpeg', '-q:v', '2', '-pix_fmt', 'yuvj420p', pictures])
  const wave = await makeSound(folder, kind.sampleRate, seconds)
  const path = join(folder, `${kind.name.replaceAll('/', '-')}-${bytes}`)
  await ffmpeg([
    ...['-stream_loop', '-1', '-i', pictures, '-stream_loop', '-1', '-i', wave, '-map', '0:v', '-map', '1:a'],
    ...['-c:v', 'copy', '-c:a', ...kind.audio, '-t', String(seconds), '-f', kind.format, path],
  ])
  return path
}

/** A WAV file of so many seconds, or as many as are made; gives its path. */
async function makeSound(folder: string, sampleRate: number, seconds: number): Promise<string> {
  const length = Math.ceil(Math.min(seconds, longestSound))
  const path = join(folder, `sound-${sampleRate}-${length}.wav`)
  if (!existsSync(path)) await ffmpeg(['-f', 'lavfi', '-i', `${sound}:s=${sampleRate}:d=${length}`, path])
  return path
}
