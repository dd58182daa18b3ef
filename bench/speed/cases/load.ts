import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { databaseFile } from '../../../platform/local/database.ts'
import { Client } from '../../../test/client.ts'
import { makeVideo } from '../../../test/media.ts'
import { startServer, type TestServer } from '../../../test/server.ts'
import { inTurns, median, type Case, type Line, type Options } from '../case.ts'
import { startPeer } from '../peer.ts'

const connections = 20

/** Short answers under load, beside a function that gives a constant answer, hosted by functions-framework on the same machine. */
export const load: Case = {
  name: 'load',
  async run({ quick, rounds }: Options): Promise<Line[]> {
    const server = await startServer()
    try {
      const client = new Client(server)
      const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'] })
      const { id } = await client.upload({ filename: 'short.mp4', bytes })
      await client.completed(id)
      const answer = await client.fetch(`/status/${id}`)
      const json = await answer.text()
      const peers = {
        hosted: await startPeer('constant', [json]),
        bare: await startPeer('bare-constant', [json]),
      }
      try {
        const urls = { hosted: peers.hosted.url, bare: peers.bare.url }
        return await measure(server, id, urls, rounds, quick ? 1 : 5)
      } finally {
        await Promise.all([peers.hosted.stop(), peers.bare.stop()])
      }
    } finally {
      await server.stop()
    }
  },
}

async function measure(
  server: TestServer,
  id: string,
  urls: { hosted: string; bare: string },
  rounds: number,
  seconds: number,
): Promise<Line[]> {
  const p99 = { status: [] as number[], download: [] as number[] }
  const waiting: number[] = []
  const ask = (path: keyof typeof p99) => async (): Promise<number> => {
    const { perSecond, p99: slow } = await attack(`${server.apiUrl}/${path}/${id}`, seconds, server.token)
    p99[path].push(slow)
    if (path === 'download') waiting.push(await drain(server))
    return perSecond
  }
  const { constant, bare, status, download } = await inTurns(rounds, {
    constant: async () => (await attack(urls.hosted, seconds)).perSecond,
    bare: async () => (await attack(urls.bare, seconds)).perSecond,
    status: ask('status'),
    download: ask('download'),
  })
  const line = (path: keyof typeof p99, perSecond: number, note: string): Line => ({
    name: `GET /${path}/{id}, ${connections} connections`,
    peer: 'a function that answers with the JSON of that job as a constant: functions-framework behind the same Node server',
    ours: `${perSecond.toFixed(0)} per second`,
    theirs: `${constant.toFixed(0)} per second`,
    value: perSecond / constant,
    limit: 0.5,
    bound: 'least',
    bounds:
      'each answer waits for the disk twice, together with others (a third of the time), and for three reads of one record (a fifth); ' +
      'then the queue (a tenth) and the signature of the URL.',
    note: `p99 ${median(p99[path]).toFixed(0)} ms${note}`,
  })
  const counted = `; each is counted, by a message to tier in the same process, of which ${median(waiting).toFixed(0)} were still waiting at the end`
  const node = `; a bare Node server gives that constant ${bare.toFixed(0)} times a second`
  return [line('status', status, node), line('download', download, counted)]
}

/** Waits until all accesses are counted, so that they do not slow down what is measured next; returns how many were waiting. */
async function drain({ dataDir }: TestServer): Promise<number> {
  const database = new DatabaseSync(databaseFile(dataDir), { readOnly: true })
  try {
    const select = database.prepare('SELECT count(*) AS waiting FROM queue')
    const count = (): number => Number(select.get()?.['waiting'])
    const first = count()
    while (count() > 0) await delay(100)
    return first
  } finally {
    database.close()
  }
}

/** What autocannon tells, as far as it is used. */
interface Attack {
  requests: { average: number }
  latency: { p99: number }
  errors: number
  '4xx': number
  '5xx': number
}

/** Asks for a URL on all connections, each as soon as it has its answer, after a while that is not counted. p99 in ms. */
async function attack(
  url: string,
  seconds: number,
  token?: string,
): Promise<{ perSecond: number; p99: number }> {
  await autocannon(url, Math.ceil(seconds / 2), token)
  const { requests, latency } = await autocannon(url, seconds, token)
  return { perSecond: requests.average, p99: latency.p99 }
}

async function autocannon(url: string, seconds: number, token?: string): Promise<Attack> {
  const program = join(import.meta.dirname, '../../../node_modules/autocannon/autocannon.js')
  const settings = ['--connections', String(connections), '--duration', String(seconds)]
  const headers = token === undefined ? [] : ['--headers', `Authorization=Bearer ${token}`]
  const args = [program, ...settings, '--json', '--no-progress', ...headers, url]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const result = JSON.parse(stdout) as Attack
  const failed = result.errors + result['4xx'] + result['5xx']
  if (failed > 0) throw new Error(`${failed} requests for ${url} failed.`)
  return result
}
