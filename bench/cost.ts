import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { findFfmpeg } from '../functions/transcode/media/index.ts'
import { functions, type FunctionName } from '../lib/functions.ts'
import { Client } from '../test/client.ts'
import { makeVideo } from '../test/media.ts'
import { startServer } from '../test/server.ts'
import { costReport } from './cost-report.ts'
import { atLength, combine, total, type Measured, type Reading, type Usage } from './cost-usage.ts'

/**
 * What an hour of video takes, measured on a server of this machine, and what that costs on Google Cloud. Every kind of video is
 * converted at two lengths, since part of what it takes does not depend on the length. Meant for an idle machine with two cores,
 * which is what an instance of `transcode` has.
 */

interface Kind {
  name: string
  extension: string
  format: string
  audio: string[]
  channels?: number
}

const kinds: Kind[] = [
  { name: 'MP4, AAC', extension: 'mp4', format: 'mp4', audio: ['aac', '-b:a', '128k'] },
  { name: 'AVI, PCM', extension: 'avi', format: 'avi', audio: ['pcm_s16le'] },
  { name: 'AVI, MP3, copied', extension: 'avi', format: 'avi', audio: ['libmp3lame', '-b:a', '192k'] },
  { name: 'MKV, AC3 5.1', extension: 'mkv', format: 'matroska', audio: ['ac3', '-b:a', '384k'], channels: 6 },
]

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes is ${values.minutes}; it must be a number above 0.`)
// Both long enough for an MP3 that waits in a part, as an hour's does.
const lengths = [minutes / 2, minutes] as const

const folder = await mkdtemp(join(tmpdir(), 'tapedeck-bench-'))
const meterFile = join(folder, 'meter')
await writeFile(meterFile, '')
const server = await startServer({
  env: {
    NODE_OPTIONS: `--import ${import.meta.resolve('./cost-meter.ts')}`,
    METER_FILE: meterFile,
    WORK_DEADLINE_SECONDS: String(functions.work.timeoutSeconds - 60),
    // A sweep comes only when it is called for, and then finds that the uploaded video's time is over.
    SWEEP_SECONDS: String(24 * 60 * 60),
    SOURCE_DAYS: '0.0000001',
  },
})
const client = new Client(server)
try {
  // Not the first one, in which more happens since the server has just started.
  await usageUntil('sweep', 0)
  const mark = (await readings()).length
  server.process.kill('SIGUSR2')
  const sweep = await usageUntil('sweep', mark)
  const measured = []
  for (const kind of kinds) measured.push({ name: kind.name, ...(await measure(kind, sweep)) })
  console.log(costReport(measured, sweep))
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

/** What an hour of this kind uses, and asking for a download. */
async function measure(kind: Kind, sweep: Usage): Promise<{ usage: Usage; download: Usage }> {
  process.stderr.write(`${kind.name}: `)
  const measured: Measured[] = []
  let id = ''
  for (const [index, length] of [lengths[0], ...lengths].entries()) {
    const bytes = await makeLongVideo(kind, length)
    const job = await convert(bytes, `video.${kind.extension}`, sweep)
    process.stderr.write(`${length} minutes in ${job.usage.workSeconds?.toFixed(1)} s; `)
    // The first conversion is slower than all that follow it.
    if (index > 0) measured.push({ minutes: length, usage: job.usage })
    ;({ id } = job)
  }
  process.stderr.write('\n')
  const mark = (await readings()).length
  await client.json(`/download/${id}?format=json`)
  const download = await usageUntil('download', mark)
  const [short, long] = measured
  assert(short && long)
  return { usage: atLength(60, short, long), download }
}

/** Ten seconds of it, again and again: about 2 Mbit/s of pictures, so that an hour has about 1 GB. */
async function makeLongVideo(
  { format, audio, channels = 2 }: Kind,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const [clip, video] = [join(folder, 'clip'), join(folder, 'video')]
  const pictures = ['mpeg4', '-vf', 'scale=640:360,noise=alls=30:allf=t', '-r', '25', '-b:v', '2M']
  const request = {
    format: ['matroska'],
    audio: ['pcm_s16le'],
    video: pictures,
    seconds: 10,
    sampleRate: 48000,
  }
  await writeFile(clip, await makeVideo({ ...request, channels }))
  const { path } = await findFfmpeg()
  const repeated = ['-v', 'error', '-y', '-stream_loop', '-1', '-i', clip, '-t', String(length * 60)]
  await promisify(execFile)(path, [...repeated, '-c:v', 'copy', '-c:a', ...audio, '-f', format, video])
  return readFile(video)
}

/** Uploads, converts, looks once at the result, and lets the next sweep remove the source. `sweep`: what that uses anyway. */
async function convert(
  bytes: Buffer<ArrayBuffer>,
  filename: string,
  sweep: Usage,
): Promise<{ id: string; usage: Usage }> {
  const mark = (await readings()).length
  const { id } = await client.uploadBySession({ filename, bytes })
  await usageUntil('transcode', mark)
  const job = await client.job(id)
  assert.equal(job.status, 'MP3_COMPLETED', JSON.stringify(job))
  server.process.kill('SIGUSR2')
  const used = await usageUntil('sweep', mark)
  const sizes = {
    sourceBytes: job.size,
    mp3Bytes: job.target?.size ?? 0,
    mp4Bytes: job.video && 'size' in job.video ? job.video.size : 0,
  }
  return { id, usage: combine([1, used], [-1, sweep], [1, sizes]) }
}

async function readings(): Promise<Reading[]> {
  const lines = (await readFile(meterFile, 'utf8')).split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Reading)
}

/** What has been used since the reading `mark`, once a request of this function has ended and nothing has come of it for a second. */
async function usageUntil(name: FunctionName, mark: number): Promise<Usage> {
  for (let seen = mark; ;) {
    await delay(1000)
    const all = await readings()
    const fresh = all.slice(mark)
    if (all.length === seen && fresh.some((reading) => reading.function === name)) return total(fresh)
    seen = all.length
  }
}
