import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client, type JobView } from '../../../test/client.ts'
import { startServer, type TestServer } from '../../../test/server.ts'
import { inTurns, type Case, type Line, type Options } from '../case.ts'
import { startPeer, type Peer } from '../peer.ts'

const mebibyte = 1024 * 1024

/** How curl sends a file: in a form, through the function; or as the one request of a session, to the bucket. */
type Way = 'form' | 'session'
const ways: Way[] = ['form', 'session']

const titles = { form: 'as a multipart form', session: 'by a resumable session' } as const

/** Uploads by curl, beside the same curl to a server that does nothing but pipe the body to a file and fsync it. */
export const upload: Case = {
  name: 'upload',
  async run({ quick, rounds }: Options): Promise<Line[]> {
    const [large, small] = quick ? [64, 32] : [1024, 100]
    const folder = await mkdtemp(join(tmpdir(), 'tapedeck-bench-'))
    try {
      const file = { path: join(folder, 'large'), mebibytes: large }
      const smallFile = { path: join(folder, 'small'), mebibytes: small }
      await writeNoise(file)
      await writeNoise(smallFile)
      const lines: Line[] = []
      for (const way of ways) lines.push(await throughput(way, file, folder, rounds))
      for (const way of ways) lines.push(await memory(way, file, smallFile, rounds))
      return lines
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

interface File {
  path: string
  mebibytes: number
}

/** Not a video: the conversion ends with its first bytes, and takes nothing from the next upload. */
async function writeNoise({ path, mebibytes }: File): Promise<void> {
  const handle = await open(path, 'wx')
  const noise = randomBytes(mebibyte)
  for (let written = 0; written < mebibytes; written++) await handle.write(noise)
  await handle.close()
}

async function throughput(way: Way, file: File, folder: string, rounds: number): Promise<Line> {
  const server = await startServer()
  const peer = await startPeer('bare-upload', [folder])
  try {
    const rate = (seconds: number): number => file.mebibytes / seconds
    const { ours, theirs } = await inTurns(rounds, {
      ours: async () => rate(await send(way, server, file)),
      theirs: async () => rate(await sendBare(way, peer, file)),
    })
    return {
      name: `Upload of ${file.mebibytes} MiB ${titles[way]}`,
      peer: 'the same curl to a bare Node server that pipes the body to a file and fsyncs it',
      ours: `${ours.toFixed(0)} MiB/s`,
      theirs: `${theirs.toFixed(0)} MiB/s`,
      value: ours / theirs,
      limit: 0.7,
      bound: 'least',
    }
  } finally {
    await peer.stop()
    await server.stop()
  }
}

async function memory(way: Way, large: File, small: File, rounds: number): Promise<Line> {
  const { ours, theirs } = await inTurns(rounds, {
    ours: () => peakMemory(way, large),
    theirs: () => peakMemory(way, small),
  })
  return {
    name: `Memory of the server, upload of ${large.mebibytes} MiB ${titles[way]}`,
    peer: `the same with ${small.mebibytes} MiB`,
    ours: `${ours.toFixed(0)} MiB`,
    theirs: `${theirs.toFixed(0)} MiB`,
    value: ours / theirs,
    limit: 1.1,
    bound: 'most',
    note: 'peak resident set of a server started for this one upload',
  }
}

/** MiB, at the most, of a server that takes this one upload. */
async function peakMemory(way: Way, file: File): Promise<number> {
  const server = await startServer()
  try {
    await send(way, server, file)
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1024
  } finally {
    await server.stop()
  }
}

/** Seconds that curl takes; the job is gone again when this returns. */
async function send(way: Way, server: TestServer, file: File): Promise<number> {
  const client = new Client(server)
  const authorization = `Authorization: Bearer ${server.token}`
  let uploaded: { seconds: number; id: string }
  if (way === 'form') {
    const { seconds, body } = await curl([...asForm(file), '-H', authorization, `${server.apiUrl}/upload`])
    uploaded = { seconds, id: (JSON.parse(body) as JobView).id }
  } else {
    const session = { filename: 'noise', size: file.mebibytes * mebibyte }
    const { job, uploadUrl } = await client.openSession(session)
    const { seconds } = await curl([...asBody(file), uploadUrl])
    uploaded = { seconds, id: job.id }
  }
  await client.failed(uploaded.id)
  await client.fetch(`/status/${uploaded.id}`, { method: 'DELETE' })
  while ((await server.countStored()) > 0) await delay(25)
  return uploaded.seconds
}

const sendBare = async (way: Way, peer: Peer, file: File): Promise<number> =>
  (await curl([...(way === 'form' ? asForm(file) : asBody(file)), `${peer.url}/`])).seconds

const asForm = ({ path }: File): string[] => ['-F', `file=@${path}`]
const asBody = ({ path }: File): string[] => ['-T', path]

/** Seconds, and what was answered. Throws where that is no success. */
async function curl(args: string[]): Promise<{ seconds: number; body: string }> {
  const { stdout } = await promisify(execFile)('curl', [
    '--silent',
    '--show-error',
    '--fail-with-body',
    '--write-out',
    '\n%{time_total}',
    ...args,
  ])
  const end = stdout.lastIndexOf('\n')
  return { seconds: Number(stdout.slice(end)), body: stdout.slice(0, end) }
}
