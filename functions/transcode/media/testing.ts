import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { encodeMp3, type Mp3 } from './encode.ts'
import { findFfmpeg } from './find-ffmpeg.ts'
import { openInput, type Input } from './input.ts'
import type { EncodeOptions } from './lame.ts'
import { probe, type Media } from './probe.ts'
import type { Source } from './source.ts'
import { readStructure } from './structure.ts'

// Every test file has a folder of its own for what it makes, gone when it ends.
const folder = mkdtempSync(join(tmpdir(), 'tapedeck-media-'))
process.once('exit', () => rmSync(folder, { recursive: true }))

/** Runs ffmpeg without fences, as the tests' own tool. Gives what it wrote to standard output. */
export async function ffmpeg(args: string[], input?: Uint8Array): Promise<Buffer> {
  const binary = await findFfmpeg()
  const child = spawn(binary.path, ['-v', 'error', '-y', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}) // It may know enough before it has read all.
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ])
  if (child.exitCode !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr.toString()}`)
  return stdout
}

/** A tone that rises, so that no two places sound the same. */
export const tone = (seconds: number, { sampleRate = 44100, layout = 'stereo' } = {}): string[] => {
  const sound = `aevalsrc=0.4*sin(2*PI*t*300*(1+t/5)):s=${sampleRate}:c=mono:d=${seconds},aformat=channel_layouts=${layout}`
  return ['-f', 'lavfi', '-i', sound]
}

export const pictures = (seconds: number): string[] => [
  ...['-f', 'lavfi', '-i', `testsrc=size=96x64:rate=10:duration=${seconds},format=yuv420p`],
  ...['-map', '1', '-map', '0'],
]

/** The bytes of a video made by ffmpeg: inputs and codecs from `args`, container from the name's ending. */
export async function video(name: string, args: string[]): Promise<Buffer> {
  const file = await path(name)
  await ffmpeg([...args, '-strict', '-2', file])
  return readFile(file)
}

/** The path of a file that `video` made, or that gets these bytes. */
export async function path(name: string, bytes?: Uint8Array): Promise<string> {
  const file = join(folder, name)
  if (bytes) await writeFile(file, bytes)
  return file
}

/** The bytes as a source that hands them out in small pieces. */
export function sourceOf(bytes: Buffer): Source {
  return {
    size: bytes.length,
    read: async (start, end) => {
      const pieces = function* () {
        for (let at = start; at <= end; at += 10_000) yield bytes.subarray(at, Math.min(at + 10_000, end + 1))
      }
      return Readable.from(pieces())
    },
  }
}

/** Opens a source, runs `work` on it, closes it. */
export async function withInput<T>(
  source: Source,
  work: (input: Input) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const options = { stallSeconds: 0.3, ...(signal && { signal }) }
  const input = await openInput(source, await readStructure(source), options)
  try {
    return await work(input)
  } finally {
    await input.close()
  }
}

export interface Converted extends Mp3 {
  media: Media
  body: Buffer
  file: Buffer
}

/** The whole way from a video to an MP3, in memory. */
export const convert = (
  bytes: Buffer,
  options: EncodeOptions = {},
  filename = 'clip.mp4',
): Promise<Converted> =>
  withInput(sourceOf(bytes), async (input) => {
    const media = await probe(input)
    let body = Buffer.alloc(0)
    const mp3 = await encodeMp3(input, media, { options, filename }, async (frames) => {
      body = Buffer.concat(await Array.fromAsync(frames))
    })
    return { ...mp3, media, body, file: Buffer.concat([mp3.header, body]) }
  })

let decoded = 0

/** The first audio track, decoded by ffmpeg to 16 bits. */
export async function decode(bytes: Buffer): Promise<Buffer> {
  return ffmpeg(['-i', await path(`decode-${decoded++}`, bytes), '-map', '0:a:0', '-f', 's16le', '-'])
}

/** The command lines of all processes that read from `url`. */
export async function ffmpegsReading(url: string): Promise<string> {
  const lines = existsSync('/proc/self/cmdline') ? await commandsInProc() : await commandsFromPs()
  return lines.filter((line) => line.includes(url)).join('\n')
}

const commandsInProc = async (): Promise<string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // A process may be gone by now.
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
}

const commandsFromPs = async (): Promise<string[]> =>
  (await text(spawn('ps', ['-eo', 'args']).stdout)).split('\n')
