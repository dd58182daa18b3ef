import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusal, startMailServer, type MailServer } from '../mail-server.ts'
import { check, type Found } from './check.ts'
import { openPeople, type People } from './client.ts'
import { dice } from './dice.ts'
import { mountDisk, type Disk } from './disk.ts'
import { disturb } from './disturb.ts'
import { gather } from './gather.ts'
import { openHost, type Host } from './host.ts'
import { readJournal, writeEntry, type Entry } from './journal.ts'
import { planOf } from './plan.ts'
import { makeSources, type Source } from './sources.ts'
import { startRelay } from './relay.ts'
import { readCloud, readLocal } from './stored.ts'

export interface FaultsOptions {
  /** All files, plans and dice follow from it; what meets what does not, since that is up to the machine. */
  seed: number
  /** So many files are uploaded. */
  jobs: number
  /** How long it may take, once nothing is disturbed any more, until everything is over. */
  mostMinutes: number
}

export interface FaultsReport extends Found {
  /** What was injected, and how often. */
  injected: Record<string, number>
  /** What was not, and why. */
  leftOut: string[]
  accepted: number
}

const onGcp = process.env['PLATFORM'] === 'gcp'
const clients = 8
const diskMib = 700

/** Uploads files to a server to which all kinds of things happen, then lets it come to rest, and looks what came of everything. */
export async function runFaults({ seed, jobs, mostMinutes }: FaultsOptions): Promise<FaultsReport> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-faults-'))
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'data')
  await mkdir(dataDir)
  const { disk, leftOut } = openDisk(dataDir)
  if (disk) cleanup.defer(() => disk.unmount())
  const sources = await makeSources(folder)
  const mailServer = await startForgetfulMailServer(seed)
  cleanup.defer(() => mailServer.close())
  const journal = join(folder, 'journal')
  await writeFile(journal, '')
  const project = `tapedeck-faults-${process.pid}`
  const relay = onGcp ? await startRelay() : undefined
  cleanup.defer(() => relay?.close())
  const env = {
    ...{ LEASE_SECONDS: '3', SWEEP_SECONDS: '1' },
    ...{ SMTP_URL: mailServer.url, MAIL_FROM: 'Tapes <tapes@example.com>' },
    ...(relay && { GOOGLE_CLOUD_PROJECT: project, ...relay.env }),
  }
  const host = await openHost({ dataDir, seed, journal, env })
  cleanup.defer(() => host.kill('all'))
  await host.start({ faults: true })
  const tell = (fault: string): void => writeEntry(journal, { what: 'fault', fault, hitsAll: true })
  const people = await uploadAll({ host, disk, seed, jobs, sources, tell })
  // From here on nothing happens any more.
  tell('the server and its ffmpegs are killed')
  await host.kill('all')
  await host.start({ faults: false })
  const signal = AbortSignal.timeout(mostMinutes * 60_000)
  const read = () => (onGcp ? readCloud(project) : readLocal(dataDir))
  const quietMs = onGcp ? 15_000 : 0
  const { mails } = mailServer
  const evidence = await gather({
    ...{ host, people, sources, mails, read, journal, quietMs, signal },
  })
  const { counts, wrong } = check(evidence)
  await host.stop()
  wrong.push(...host.crashes.map((log) => `a server has ended by itself: ${log}`))
  wrong.push(
    ...[...host.orphans].filter(isRunning).map((pid) => `the ffmpeg ${pid} of a killed server still runs`),
  )
  const injected = countFaults(await readJournal(journal))
  return { counts, wrong, injected, leftOut, accepted: people.accepted.length }
}

function openDisk(folder: string): { disk?: Disk; leftOut: string[] } {
  if (onGcp) return { leftOut: ['the disk is full for a while: in the cloud there is no disk of ours'] }
  try {
    return { disk: mountDisk(folder, diskMib), leftOut: [] }
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error)
    return { leftOut: [`the disk is full for a while: none could be mounted here (${why})`] }
  }
}

/** One that now and then asks to come back later. */
function startForgetfulMailServer(seed: number): Promise<MailServer> {
  const random = dice(seed, 'mail server')
  return startMailServer({
    onRcptTo: (_to, _session, answer) =>
      answer(random.chance(0.1) ? refusal(450, 'Come back later.') : undefined),
  })
}

interface Uploading {
  host: Host
  disk: Disk | undefined
  seed: number
  jobs: number
  sources: [Source, ...Source[]]
  tell: (fault: string) => void
}

/** Has people upload everything while the server is disturbed. */
async function uploadAll({ host, disk, seed, jobs, sources, tell }: Uploading): Promise<People> {
  const uploads = new AbortController()
  const people = openPeople(host, uploads.signal)
  const disturbing = disturb(host, disk, dice(seed, 'disturber'), uploads.signal, tell)
  // Whatever cannot be gone on with ends everything.
  disturbing.catch((error: unknown) => uploads.abort(error))
  const share = Math.ceil(jobs / clients)
  const live = async (_: unknown, person: number): Promise<void> => {
    const files = Math.max(0, Math.min(share, jobs - person * share))
    const plan = planOf(person + 1, files, sources, dice(seed, `person ${person}`))
    const pauses = dice(seed, `pauses of person ${person}`)
    for (const step of plan) await people.take(step, pauses)
  }
  await Promise.all(Array.from({ length: clients }, live))
  uploads.abort(new Error('All is uploaded.'))
  await disturbing
  return people
}

function countFaults(journal: readonly Entry[]): Record<string, number> {
  const faults = journal.flatMap((entry) => (entry.what === 'fault' ? entry.fault : []))
  const groups = Map.groupBy(faults, (fault) => fault)
  return Object.fromEntries(groups.entries().map(([fault, all]) => [fault, all.length]))
}

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`)
