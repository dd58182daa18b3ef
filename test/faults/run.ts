import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { refusal, startMailServer } from '../mail-server.ts'
import { check, type Found } from './check.ts'
import { people, type People } from './client.ts'
import { mountDisk } from './disk.ts'
import { disturb } from './disturb.ts'
import { openHost, type Host } from './host.ts'
import { seeded, type Random } from '../random.ts'
import { makeSources } from './sources.ts'

export interface FaultsOptions {
  /** What happens, and when, follows from it, as far as the machine lets it. */
  seed: number
  /** So many files are uploaded. */
  jobs: number
  /** How long it may take, once nothing is disturbed any more, until everything is over. */
  mostMinutes: number
}

export interface FaultsReport extends Found {
  /** What was injected, and how often. */
  injected: Record<string, number>
  accepted: number
}

const clients = 8
const diskMib = 700

/** Uploads files to a server to which all kinds of things happen, then lets it come to rest, and looks what came of everything. */
export async function runFaults({ seed, jobs, mostMinutes }: FaultsOptions): Promise<FaultsReport> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-faults-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'data')
  await mkdir(dataDir)
  // In the emulated cloud there is no disk of ours that could be full.
  const disk = process.env['PLATFORM'] === 'gcp' ? undefined : mountDisk(dataDir, diskMib)
  if (disk) cleanup.defer(() => disk.unmount())

  const random = seeded(seed)
  const sources = await makeSources(folder)
  const mailServer = await startMailServer({
    onRcptTo: (_to, _session, answer) =>
      answer(random.chance(0.1) ? refusal(450, 'Come back later.') : undefined),
  })
  cleanup.defer(() => mailServer.close())
  const faultsFile = join(folder, 'faults')
  await writeFile(faultsFile, '')
  const env = {
    ...{ LEASE_SECONDS: '3', SWEEP_SECONDS: '1', EVENT_COPIES: '2' },
    ...{ SMTP_URL: mailServer.url, MAIL_FROM: 'Tapes <tapes@example.com>' },
  }
  const host = await openHost({ dataDir, seed, faultsFile, env })
  cleanup.defer(() => host.kill('all'))
  await host.start({ faults: true })

  const uploads = new AbortController()
  const crowd = people(host, disk, random, uploads.signal)
  const disturbing = disturb(host, disk, random, uploads.signal)
  // Whatever cannot be gone on with ends everything.
  disturbing.catch((error: unknown) => uploads.abort(error))
  const person = async (count: number): Promise<void> => {
    for (let file = 0; file < count; file++) {
      await crowd.upload(random.oneOf(sources))
      await behave(crowd, random)
    }
  }
  const share = Math.ceil(jobs / clients)
  await Promise.all(
    Array.from({ length: clients }, (_, index) => person(Math.min(share, jobs - index * share))),
  )
  uploads.abort(new Error('All is uploaded.'))
  const injected = await disturbing

  await settle(host)
  const patience = AbortSignal.timeout(mostMinutes * 60_000)
  const { counts, wrong } = await check(host.server(), crowd.accepted, mailServer.mails, patience)
  await host.stop()
  wrong.push(...host.crashes.map((log) => `a server has ended by itself: ${log}`))
  wrong.push(
    ...[...host.orphans].filter(isRunning).map((pid) => `the ffmpeg ${pid} of a killed server still runs`),
  )
  for (const line of (await readFile(faultsFile, 'utf8')).split('\n').filter((each) => each !== ''))
    injected.set(line, (injected.get(line) ?? 0) + 1)
  if (!disk) injected.set('the disk is full for a while: left out, since it cannot be mounted here', 0)
  return { counts, wrong, injected: Object.fromEntries(injected), accepted: crowd.accepted.length }
}

/** What people do between two files. */
async function behave(crowd: People, random: Random): Promise<void> {
  await delay(random.between(0, 2500))
  if (random.chance(0.6)) await crowd.download().catch(() => undefined)
  if (random.chance(0.1)) await crowd.remove()
}

/** From here on nothing happens any more. */
async function settle(host: Host): Promise<void> {
  await host.kill('all')
  await host.start({ faults: false })
}

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`)
