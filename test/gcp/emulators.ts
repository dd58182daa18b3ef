import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-port.ts'

export type EmulatorName = 'firestore' | 'pubsub' | 'fake-gcs-server'

export const allEmulators: readonly EmulatorName[] = ['firestore', 'pubsub', 'fake-gcs-server']

/** Every suite works in this project, which exists nowhere. */
export const projectId = 'tapedeck-test'

// Google's clients would look for the cloud's own server of credentials, and wait for it.
process.env['METADATA_SERVER_DETECTION'] ??= 'none'

const startSeconds = 60
const keeper = fileURLToPath(import.meta.resolve('./keeper.ts'))
// What `go install` builds lands in a folder that need not be on the PATH.
const searched = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go/bin')]
const running = new Map<EmulatorName, Promise<string>>()

/** Where Google's clients look for each. */
const hostVariables = {
  firestore: 'FIRESTORE_EMULATOR_HOST',
  pubsub: 'PUBSUB_EMULATOR_HOST',
  'fake-gcs-server': 'STORAGE_EMULATOR_HOST',
} as const satisfies Record<EmulatorName, string>

export const emulatorVariables: readonly string[] = Object.values(hostVariables)

/**
 * The `HOST:PORT` of an emulator: the one that its variable names, else one for the whole process, started at the first call
 * on a free port, and ended when the process ends, in whichever way. Throws if it does not come to answer.
 */
export function emulator(name: EmulatorName): Promise<string> {
  const given = process.env[hostVariables[name]]?.replace(/^https?:\/\//, '')
  const host = running.get(name) ?? (given ? untilAnswering(given).then(() => given) : start(name))
  running.set(name, host)
  return host
}

/** Starts all of them, and sets the variables by which Google's clients find them, here and in child processes. */
export async function startEmulators(): Promise<void> {
  // The buckets' notifications go to Pub/Sub, so that comes first.
  process.env[hostVariables.pubsub] = await emulator('pubsub')
  const [firestore, storage] = await Promise.all([emulator('firestore'), emulator('fake-gcs-server')])
  process.env[hostVariables.firestore] = firestore
  process.env[hostVariables['fake-gcs-server']] = `http://${storage}`
}

/**
 * The reason for which a suite that needs these emulators is skipped here; false if they all can be had. With
 * REQUIRE_EMULATORS=1 a missing one is an error.
 */
export function skipWithout(...names: EmulatorName[]): string | false {
  const missing = names.flatMap((name) => whyMissing(name) ?? [])
  if (missing.length === 0) return false
  if (process.env['REQUIRE_EMULATORS'] === '1') throw new Error(missing.join('; '))
  return missing.join('; ')
}

function whyMissing(name: EmulatorName): string | undefined {
  if (process.env[hostVariables[name]]) return undefined
  if (name === 'fake-gcs-server') {
    if (find(name) !== undefined) return undefined
    return `${name} is not on this machine (go install github.com/fsouza/fake-gcs-server@v1.56.1)`
  }
  const gcloud = find('gcloud')
  const folder = { firestore: 'cloud-firestore-emulator', pubsub: 'pubsub-emulator' }[name]
  if (gcloud !== undefined && existsSync(join(dirname(realpathSync(gcloud)), '../platform', folder))) {
    return find('java') === undefined ? `The ${name} emulator needs Java` : undefined
  }
  const component = { firestore: 'cloud-firestore-emulator', pubsub: 'pubsub-emulator' }[name]
  return `The ${name} emulator is not on this machine (gcloud components install beta ${component})`
}

function find(command: string): string | undefined {
  return searched
    .map((folder) => join(folder, command))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

async function start(name: EmulatorName): Promise<string> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), `tapedeck-${name}-`))
  const child = spawn(process.execPath, [keeper, folder, ...commandLine(name, port, folder)], {
    // Ctrl-C is for the tests; the keeper has to outlive them to clean up.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: searched.join(delimiter),
      CLOUDSDK_CONFIG: folder,
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    },
  })
  let output = ''
  let hasEnded = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-10_000)))
  }
  child.on('exit', () => (hasEnded = true))
  await untilAnswering(`127.0.0.1:${port}`, () => hasEnded).catch((error: unknown) => {
    child.stdin.end()
    throw new Error(`The ${name} emulator did not start:\n${output}`, { cause: error })
  })
  // From here on nothing of it keeps this process alive, and its end closes the keeper's standard input.
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
  }
  return `127.0.0.1:${port}`
}

function commandLine(name: EmulatorName, port: number, folder: string): string[] {
  const host = `127.0.0.1:${port}`
  switch (name) {
    case 'fake-gcs-server': {
      const flags = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory']
      return [name, ...flags, '-public-host', host, '-external-url', `http://${host}`]
    }
    case 'firestore':
      return ['gcloud', 'emulators', name, 'start', `--host-port=${host}`]
    case 'pubsub': {
      const flags = [`--host-port=${host}`, `--data-dir=${folder}`, `--project=${projectId}`]
      return ['gcloud', 'beta', 'emulators', name, 'start', ...flags]
    }
  }
}

async function untilAnswering(host: string, hasEnded = (): boolean => false): Promise<void> {
  const startedAt = performance.now()
  while (!(await answers(`http://${host}/`))) {
    if (hasEnded() || performance.now() - startedAt > startSeconds * 1000)
      throw new Error(`There is no answer at ${host}.`)
    await delay(100)
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer()
    return true
  } catch {
    return false
  }
}
