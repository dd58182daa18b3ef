import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { streamedForm } from '../../../test/form.ts'
import { limit } from '../../../cli/limit.ts'
import { median, type Case, type Line, type Options } from '../case.ts'
import { sizeOf } from '../memory.ts'
import { kinds, makeSource } from '../media.ts'
import { inFolder, needRoom } from '../place.ts'
import { onTwoCores } from '../processes.ts'
import { withServer, type Server } from '../server.ts'

interface Crowd {
  /** Jobs that wait at the beginning: more than can be done meanwhile. */
  queued: number
  watching: number
  uploading: number
  seconds: number
  /** Of each video. */
  videoSeconds: number
  /** So long a request may take, until it counts as failed; an upload, so long more than its bytes take. */
  patienceSeconds: number
}

const full: Crowd = {
  queued: 1000,
  watching: 200,
  uploading: 50,
  seconds: 600,
  videoSeconds: 180,
  patienceSeconds: 30,
}
const small: Crowd = {
  queued: 10,
  watching: 5,
  uploading: 3,
  seconds: 4,
  videoSeconds: 5,
  patienceSeconds: 60,
}

/** Bytes a second, as from a home. */
const uploadRate = 64_000
const askedEveryMs = 100
const lookedEveryMs = 1000

/** Many people at once, for long, while all cores convert: whether anything fails, how long an answer takes, what memory does. */
export const crowd: Case = {
  name: 'crowd',
  isMeasuredOnce: true,
  run: ({ quick }: Options) =>
    onTwoCores(() =>
      inFolder((folder) => withServer({}, (server) => measure(folder, server, quick ? small : full))),
    ),
}

async function measure(folder: string, server: Server, crowd: Crowd): Promise<Line[]> {
  await needRoom(crowd.queued * crowd.videoSeconds * 40_000)
  const video = await readFile(await makeSource(folder, kinds.mp4Aac, crowd.videoSeconds))
  const { client } = server
  const inTurn = limit(8)
  const send = (): Promise<unknown> => client.uploadEither({ filename: 'queued.mp4', bytes: video })
  await Promise.all(times(crowd.queued, () => inTurn(send)))

  const seen = await gather(server, crowd, video)
  const failed = await client.list('status=FAILED')
  if (seen.errors.length + failed.length > 0)
    throw new AggregateError(
      seen.errors,
      `${seen.errors.length} requests and ${failed.length} jobs have failed.`,
    )
  const done = (await client.list('status=MP3_COMPLETED')).length
  const waiting = (await client.list('status=ENQUEUED')).length
  const heard = seen.heard.reduce((sum, bytes) => sum + bytes, 0)
  // The small crowd is over before much has happened.
  if (crowd === full && (waiting === 0 || seen.uploaded < crowd.uploading || Math.min(...seen.heard) === 0))
    throw new Error(
      `${waiting} jobs still wait, ${seen.uploaded} were uploaded: not what was to be measured.`,
    )
  const note =
    `${done} videos were converted meanwhile, ${seen.uploaded} more uploaded, and ${(heard / 1e6).toFixed(0)} MB of events ` +
    `sent; ${waiting} jobs still wait; nothing failed.`
  return linesOf(crowd, seen, note)
}

/** What the crowd has met with. */
interface Seen {
  errors: unknown[]
  /** Milliseconds of each GET /status. */
  answers: number[]
  /** MiB of the server, at each look. */
  memory: number[]
  /** Bytes of events, of each who watches. */
  heard: number[]
  uploaded: number
}

/** Lets all of them do what they do, as long as it is meant to take. */
async function gather({ client, process }: Server, crowd: Crowd, video: Buffer): Promise<Seen> {
  const end = AbortSignal.timeout(crowd.seconds * 1000)
  const heard = Array.from({ length: crowd.watching }, () => 0)
  const seen: Seen = { errors: [], answers: [], memory: [], heard, uploaded: 0 }
  const within = (seconds: number): AbortSignal =>
    AbortSignal.any([end, AbortSignal.timeout(Math.ceil(seconds * 1000))])
  /** Does something again and again; what fails is noted, and the rest goes on. */
  async function keepOn(work: () => Promise<void>): Promise<void> {
    while (!end.aborted)
      await work().catch((error: unknown) => {
        if (!end.aborted) seen.errors.push(error)
        return delay(100)
      })
  }
  async function watch(who: number): Promise<void> {
    const { body, status } = await client.fetch('/status/events', { signal: end })
    if (status !== 200) throw new Error(`The stream of events answered ${status}.`)
    for await (const chunk of body ?? []) heard[who] = (heard[who] ?? 0) + chunk.length
  }
  async function upload(): Promise<void> {
    const signal = within(video.length / uploadRate + crowd.patienceSeconds)
    const form = { ...streamedForm('new.mp4', slowly(video, signal)), signal }
    await client.json('/upload', form, 202)
    seen.uploaded++
  }
  async function ask(): Promise<void> {
    const begun = performance.now()
    await client.json('/status?limit=50', { signal: within(crowd.patienceSeconds) })
    seen.answers.push(performance.now() - begun)
    await delay(askedEveryMs)
  }
  async function look(): Promise<void> {
    seen.memory.push((await sizeOf(process.pid ?? 0, 'Rss')) / 1024)
    await delay(lookedEveryMs)
  }
  await Promise.all([
    ...heard.map((_, who) => keepOn(() => watch(who))),
    ...times(crowd.uploading, () => keepOn(upload)),
    keepOn(ask),
    keepOn(look),
  ])
  return seen
}

const times = <T>(count: number, work: () => Promise<T>): Promise<T>[] => Array.from({ length: count }, work)

async function* slowly(bytes: Buffer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const piece = uploadRate / 4
  for (let start = 0; start < bytes.length; start += piece) {
    yield bytes.subarray(start, start + piece)
    await delay(250, undefined, { signal })
  }
}

function linesOf(crowd: Crowd, { answers, memory }: Seen, note: string): Line[] {
  const sorted = answers.toSorted((one, other) => one - other)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
  const quarter = Math.floor(memory.length / 4)
  const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))]
  const what = `${crowd.queued} jobs queued, ${crowd.watching} watching, ${crowd.uploading} uploading at once, for ${crowd.seconds} s`
  const slope = slopeOf(memory.slice(quarter)) * (60_000 / lookedEveryMs)
  return [
    {
      name: `${what}: GET /status, p99`,
      peer: '',
      ours: `${p99.toFixed(0)} ms`,
      theirs: '',
      value: p99,
      unit: 'ms',
      limit: 100,
      bound: 'most',
      bounds:
        'what the main thread waits for between two requests, by a profile: commits until they are on the disk, which videos are written to as well (a seventh of its work), and garbage collection while the encoders have both cores (a fifth).',
      note: `median ${median(answers).toFixed(0)} ms of ${answers.length}, asked for one after the other; ${note}`,
    },
    {
      name: `${what}: memory of the server in the last quarter`,
      peer: 'the second quarter',
      ours: `${late.toFixed(0)} MiB`,
      theirs: `${early.toFixed(0)} MiB`,
      value: late / early,
      limit: 1.1,
      bound: 'most',
      note: `from the second quarter on its RSS grows by ${slope.toFixed(2)} MiB a minute (least squares); ${Math.max(...memory).toFixed(0)} MiB at most.`,
    },
  ]
}

/** Of the line that lies nearest to these values, by least squares: how much it rises from each to the next. */
function slopeOf(values: number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const [rise, run] = values.reduce(
    ([up, along], value, index) => [up + (index - middle) * (value - mean), along + (index - middle) ** 2],
    [0, 0],
  )
  return rise / run
}
