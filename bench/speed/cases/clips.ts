import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createParser } from 'eventsource-parser'
import { findFfmpeg } from '../../../functions/transcode/media/index.ts'
import { Client, type JobView } from '../../../test/client.ts'
import { startServer } from '../../../test/server.ts'
import { inTurns, type Case, type Line, type Options } from '../case.ts'

const run = promisify(execFile)

/** Connections that a client uploads over at once. */
const connections = 4

/** Short videos, beside the ffmpeg that a person would call on the same files: one by one, and many at once. */
export const clips: Case = {
  name: 'clips',
  async run({ quick, rounds }: Options): Promise<Line[]> {
    const folder = await mkdtemp(join(tmpdir(), 'tapedeck-bench-'))
    try {
      const { path } = await findFfmpeg()
      const bench = { folder, ffmpeg: path }
      return [
        await oneByOne(bench, quick ? 3 : 15 * rounds),
        await many(bench, quick ? 12 : 200, quick ? 1 : rounds),
      ]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

interface Bench {
  folder: string
  /** The program that ours starts, too. */
  ffmpeg: string
}

const kinds = {
  mp4: ['-c:v', 'mpeg4', '-c:a', 'aac'],
  webm: ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
  avi: ['-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
}
type Kind = keyof typeof kinds

/** Makes a clip of so many seconds and about 1 Mbit/s. */
async function makeClip({ folder, ffmpeg }: Bench, kind: Kind, seconds: number): Promise<string> {
  const path = join(folder, `clip-${seconds}.${kind}`)
  const sound = `aevalsrc='0.3*sin(2*PI*(200+40*t)*t)+0.05*random(0)|0.3*sin(2*PI*(270+40*t)*t)+0.05*random(1)':s=48000:d=${seconds}`
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=s=320x180:r=25:d=${seconds}`, '-f', 'lavfi', '-i', sound]
  await run(ffmpeg, ['-v', 'error', ...inputs, '-b:v', '900k', ...kinds[kind], path])
  return path
}

const toMp3 = (input: string, output: string): string[] => [
  '-v',
  'error',
  '-y',
  '-i',
  input,
  '-vn',
  '-b:a',
  '192k',
  output,
]

/** How much longer a clip of a second takes than its ffmpeg, from the beginning of its upload until its owner knows of the MP3. */
async function oneByOne(bench: Bench, times: number): Promise<Line> {
  const server = await startServer()
  const listener = await listen(new Client(server))
  const measured: Record<string, { ours: number; theirs: number }> = {}
  try {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const path = await makeClip(bench, kind, 1)
      const bytes = await readFile(path)
      const convert = async (): Promise<void> => listener.completed(await listener.upload(bytes))
      // The first one of a server takes longer: it asks ffmpeg what it can do.
      await convert()
      measured[kind] = await inTurns(times, {
        theirs: () => timed(() => run(bench.ffmpeg, toMp3(path, join(bench.folder, 'one.mp3')))),
        ours: () => timed(convert),
      })
    }
  } finally {
    listener.close()
    await server.stop()
  }
  const { ours = NaN, theirs = NaN } = measured['mp4'] ?? {}
  const more = (kind: Kind): string => {
    const { ours: ms = NaN, theirs: bare = NaN } = measured[kind] ?? {}
    return `${(ms - bare).toFixed(0)} ms`
  }
  return {
    name: 'A clip of 1 s (MP4, AAC), upload included: time besides that of ffmpeg',
    peer: 'ffmpeg -i clip -vn -b:a 192k, the same program',
    ours: `${ours.toFixed(0)} ms`,
    theirs: `${theirs.toFixed(0)} ms`,
    value: ours - theirs,
    unit: 'ms',
    limit: 150,
    bound: 'most',
    note: `WebM with Opus: ${more('webm')} besides; AVI with MP3, which becomes an MP4 too: ${more('avi')}.`,
  }
}

/** How long a folder of clips takes, from the beginning of the first upload until the last MP3 is there. */
async function many(bench: Bench, count: number, rounds: number): Promise<Line> {
  const path = await makeClip(bench, 'mp4', 5)
  const bytes = await readFile(path)
  const { ours, theirs } = await inTurns(rounds, {
    theirs: () => timed(() => convertByXargs(bench, path, count)),
    ours: () => convertAll(bytes, count),
  })
  return {
    name: `${count} clips of 5 s (MP4, AAC), from the first upload to the last MP3`,
    peer: `xargs -P${availableParallelism()} ffmpeg -i clip -vn -b:a 192k, the same program`,
    ours: `${(ours / 1000).toFixed(1)} s`,
    theirs: `${(theirs / 1000).toFixed(1)} s`,
    value: ours / theirs,
    limit: 1.25,
    bound: 'most',
    bounds:
      'CPU, all of which both sides use: for each clip ffmpeg takes as much as beside us, about 105 ms, its fence 3, the server 30 to ' +
      '40 (nine transactions that wait for the disk, HTTP, garbage collection), and the client that uploads 8.',
  }
}

async function convertByXargs({ folder, ffmpeg }: Bench, path: string, count: number): Promise<void> {
  const xargs = [`-P${availableParallelism()}`, '-I{}', ffmpeg, ...toMp3(path, join(folder, '{}.mp3'))]
  const running = run('xargs', xargs)
  running.child.stdin?.end(Array.from({ length: count }, (_, index) => `many-${index}\n`).join(''))
  await running
}

/** In ms, on a new server. */
async function convertAll(bytes: Buffer<ArrayBuffer>, count: number): Promise<number> {
  const server = await startServer()
  const listener = await listen(new Client(server))
  try {
    await listener.completed(await listener.upload(bytes))
    return await timed(async () => {
      let left = count
      const ids: string[] = []
      const upload = async (): Promise<void> => {
        while (left-- > 0) ids.push(await listener.upload(bytes))
      }
      await Promise.all(Array.from({ length: connections }, upload))
      await Promise.all(ids.map((id) => listener.completed(id)))
    })
  } finally {
    listener.close()
    await server.stop()
  }
}

interface Listener {
  /** Gives the job's id. */
  upload(bytes: Buffer<ArrayBuffer>): Promise<string>
  /** Resolves when the server has said that there is an MP3. */
  completed(id: string): Promise<void>
  close(): void
}

/** A client that hears of its jobs as the page does, by one stream of events. */
async function listen(client: Client): Promise<Listener> {
  const closing = new AbortController()
  const ends = new Map<string, PromiseWithResolvers<void>>()
  const endOf = (id: string): PromiseWithResolvers<void> => {
    const end = ends.get(id) ?? Promise.withResolvers<void>()
    ends.set(id, end)
    return end
  }
  const parser = createParser({
    onEvent({ event, data }) {
      if (event !== 'job') return
      // The API says so: the whole job as JSON.
      const { id, status, error } = JSON.parse(data) as JobView
      if (status === 'MP3_COMPLETED') endOf(id).resolve()
      if (status === 'FAILED') endOf(id).reject(new Error(`A clip has failed: ${error?.message}`))
    },
  })
  const { body } = await client.fetch('/status/events', { signal: closing.signal })
  const reading = body
    ?.pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (text) => parser.feed(text) }))
  reading?.catch((error: unknown) => {
    for (const end of ends.values()) end.reject(error)
  })
  return {
    upload: async (bytes) => (await client.upload({ filename: 'clip', bytes })).id,
    completed: (id) => endOf(id).promise,
    close: () => closing.abort(),
  }
}

/** In ms. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
