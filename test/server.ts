import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { databaseFile } from '../platform/local/database.ts'
import packageJson from '../package.json' with { type: 'json' }
import { bucketsOf } from './gcp/cloud.ts'
import { allEmulators, emulatorVariables, skipWithout } from './gcp/emulators.ts'
import { inherited } from './inherited.ts'

const root = join(import.meta.dirname, '..')
export const onGcp = process.env['PLATFORM'] === 'gcp'
/** As people start it. */
const [, ...command] = packageJson.scripts[onGcp ? 'start:gcp-emulated' : 'start'].split(' ')

/** Why no server can be started here; false if one can. */
export const unavailable: string | false = onGcp && skipWithout(...allEmulators)

/** Why a test about the machine that a local server runs on is left out; false if it is not. */
export const notLocal: string | false = onGcp && 'it is about the local platform'

/** The surroundings in which every kind of video is converted, with the variables that make them. */
export const surroundings: [where: string, env: Record<string, string>][] = onGcp
  ? [['over the emulators', { EVENT_COPIES: '2' }]]
  : [
      ['on this machine', {}],
      ['with the limits of the cloud', { CLOUD_LIKE: '1' }],
    ]

/** The ways in which events may come, with the variables that set them. */
export const deliveries: [how: string, env: Record<string, string>][] = onGcp
  ? [
      ['as Eventarc sends them', { EVENT_SHAPE: 'eventarc' }],
      ['as push subscriptions send them, twice and out of order', { EVENT_SHAPE: 'push', EVENT_COPIES: '2' }],
    ]
  : [
      ['once', {}],
      ['twice', { CLOUD_LIKE: '1' }],
    ]

export interface TestServer {
  apiUrl: string
  bucketUrl: string
  dataDir: string
  email: string
  password: string
  /** An admin's. */
  token: string
  process: ChildProcess
  /** What it has written to stderr so far. */
  log(): string
  /** How many objects there are, in all buckets. Throws once the server has ended, so that whoever waits for them ends too. */
  countStored(): Promise<number>
  /** The names of all objects, in all buckets; on this machine also of those that are being uploaded. */
  listStored(): Promise<string[]>
  /** Ends it as a person does, and removes the data directory unless that was handed in. */
  stop(): Promise<void>
  /** kill -9, its ffmpeg children included; the data directory stays. */
  kill(): Promise<void>
}

export interface ServerOptions {
  env?: Record<string, string>
  /** A data directory to go on with; in the emulated cloud, the project that belongs to it. */
  dataDir?: string
}

/** Starts the real server on free ports and waits until it says that it is running. */
export async function startServer({ env = {}, dataDir: given }: ServerOptions = {}): Promise<TestServer> {
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'tapedeck-test-')))
  const email = 'admin@example.com'
  const password = 'correct horse'
  // A process group of its own, so that kill -9 takes the children along as a power cut would.
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      ...inherited('FFMPEG_PATH', 'NODE_COMPILE_CACHE'),
      PORT: '0',
      DATA_DIR: dataDir,
      ADMIN_EMAIL: email,
      ADMIN_PASSWORD: password,
      ...(onGcp && cloudEnvironment(dataDir)),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  // Not 'exit': what it has written may be read later than that.
  const closed = once(child, 'close')
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const banner = /Page +(?<page>\S+)\n +API +(?<api>\S+)\n +Buckets +(?<buckets>\S+)\n/
  while (!banner.test(out)) {
    const ended = await Promise.race([closed.then(() => true), once(child.stdout, 'data').then(() => false)])
    if (ended && !banner.test(out)) throw new Error(`The server ended before it was ready:\n${out}${errors}`)
  }
  const { page = '', api = '', buckets = '' } = banner.exec(out)?.groups ?? {}
  const removeData = async (): Promise<void> => {
    if (given === undefined) await rm(dataDir, { recursive: true, force: true })
  }
  return {
    apiUrl: api,
    bucketUrl: buckets,
    dataDir,
    email,
    password,
    token: page.split('#token=')[1] ?? '',
    process: child,
    log: () => errors,
    async countStored() {
      if (hasEnded()) throw new Error('The server has ended, and stores nothing more.')
      return onGcp ? (await listInCloud(dataDir)).length : countFiles(dataDir)
    },
    listStored: () => (onGcp ? listInCloud(dataDir) : listInDatabase(dataDir)),
    async stop() {
      if (!hasEnded()) child.kill('SIGTERM')
      await closed
      await removeData()
    },
    async kill() {
      // The group's id is its leader's.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      await closed
    },
  }
}

/** Every data directory has a project of its own, so that servers do not meet in the emulators. */
const projectOf = (dataDir: string): string =>
  `tapedeck-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`

function cloudEnvironment(dataDir: string): Record<string, string> {
  const hosts = emulatorVariables.map((name) => [name, process.env[name] ?? ''])
  return { ...Object.fromEntries(hosts), GOOGLE_CLOUD_PROJECT: projectOf(dataDir) }
}

/** Those that have bytes: an upload session makes its file before the first one comes, and takes a week to forget one that never came. */
async function countFiles(dataDir: string): Promise<number> {
  const folder = join(dataDir, 'objects')
  const sizes = (await readdir(folder)).map((file) =>
    stat(join(folder, file)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).filter((size) => size > 0).length
}

async function listInDatabase(dataDir: string): Promise<string[]> {
  const sql = new DatabaseSync(databaseFile(dataDir), { readOnly: true })
  try {
    return sql
      .prepare(
        'SELECT name FROM stored_objects UNION ALL SELECT name FROM upload_sessions WHERE file IS NOT NULL AND stored > 0',
      )
      .all()
      .map(({ name }) => String(name))
  } finally {
    sql.close()
  }
}

async function listInCloud(dataDir: string): Promise<string[]> {
  const names: string[] = []
  for (const bucket of Object.values(bucketsOf(projectOf(dataDir)))) {
    const response = await fetch(`${process.env['STORAGE_EMULATOR_HOST']}/storage/v1/b/${bucket}/o`)
    const { items = [] } = (await response.json()) as { items?: { name: string }[] }
    names.push(...items.map(({ name }) => name))
  }
  return names
}
