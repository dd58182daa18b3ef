import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

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
  /** Ends it as a person does, and removes the data directory unless that was handed in. */
  stop(): Promise<void>
  /** kill -9, its ffmpeg children included; the data directory stays. */
  kill(): Promise<void>
}

export interface ServerOptions {
  env?: Record<string, string>
  /** A data directory to go on with. */
  dataDir?: string
}

/** Starts the real server on free ports and waits until it says that it is running. */
export async function startServer({ env = {}, dataDir: given }: ServerOptions = {}): Promise<TestServer> {
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'tapedeck-test-')))
  const email = 'admin@example.com'
  const password = 'correct horse'
  // A process group of its own, so that kill -9 takes the children along as a power cut would.
  const child = spawn(process.execPath, [join(root, 'platform/local/main.ts')], {
    env: {
      PATH: process.env['PATH'],
      ...(process.env['FFMPEG_PATH'] && { FFMPEG_PATH: process.env['FFMPEG_PATH'] }),
      PORT: '0',
      DATA_DIR: dataDir,
      ADMIN_EMAIL: email,
      ADMIN_PASSWORD: password,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const exited = once(child, 'exit')
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const banner = /Page +(?<page>\S+)\n +API +(?<api>\S+)\n +Buckets +(?<buckets>\S+)\n/
  while (!banner.test(out)) {
    const ended = await Promise.race([exited.then(() => true), once(child.stdout, 'data').then(() => false)])
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
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await exited
      }
      await removeData()
    },
    async kill() {
      // The group's id is its leader's.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      await exited
    },
  }
}
