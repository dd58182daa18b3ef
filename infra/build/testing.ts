import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Variable } from '../../lib/config.ts'
import { root } from './root.ts'
import { freePort } from '../../test/free-port.ts'

const framework = 'node_modules/@google-cloud/functions-framework'

/** Puts the packages that a bundle's package.json names, and no others, into its folder. */
export async function installPackages(folder: string): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    const place = join(folder, 'node_modules', name)
    await mkdir(dirname(place), { recursive: true })
    await symlink(join(root, 'node_modules', name), place)
  }
}

/** Settings as a deployment makes them, by which nothing can be reached. */
export const settings: Partial<Record<Variable, string>> = {
  PLATFORM: 'gcp',
  ALLOWED_ORIGINS: 'https://page.example',
  SOURCE_BUCKET: 'nowhere-source',
  TARGET_BUCKET: 'nowhere-target',
  FIRESTORE_DATABASE: 'nowhere',
  SOURCE_DAYS: '7',
  ADMIN_EMAIL: 'admin@page.example',
  ADMIN_PASSWORD: 'correct horse',
  SIGNING_KEY: 'a key',
  PAGE_URL: 'https://page.example',
  SMTP_URL: 'smtps://name:password@mail.page.example',
  MAIL_FROM: 'tapes@page.example',
  QUOTA_STORED_BYTES: '10000000000',
  QUOTA_JOBS: '20',
  QUOTA_FILE_BYTES: '2000000000',
  TIER_POLICY: 'count',
  TIER_HALF_LIFE_DAYS: '90',
  TIER_GRACE_DAYS: '3',
  TRUSTED_PROXIES: '1',
  WORK_DEADLINE_SECONDS: '480',
}

export interface StartedFunction {
  url: string
  /** What it has written to stderr so far. */
  log(): string
  process: ChildProcess
  /** Tells it to end, as the cloud does, and waits; gives its exit code. */
  end(): Promise<number | null>
  stop(): Promise<void>
}

/**
 * Starts one function as the cloud does, in a process of its own and with no more variables than these, and waits until it
 * listens. `source` is a bundle's folder or a module.
 */
export async function startFunction(
  source: string,
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<StartedFunction> {
  const port = await freePort()
  const args = [join(root, framework, 'build/src/main.js'), `--source=${source}`, `--port=${port}`]
  const child = spawn(process.execPath, args, {
    env: {
      // Nobody's credentials: nothing here may reach the cloud.
      HOME: '/nowhere',
      METADATA_SERVER_DETECTION: 'none',
      GOOGLE_CLOUD_PROJECT: 'nowhere',
      // The cloud names the function by this, and not on the command line.
      FUNCTION_TARGET: name,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const listening = async (): Promise<true> => {
    for await (const line of createInterface(child.stdout)) if (line.startsWith('URL: ')) return true
    throw new Error(`${name} ended before it listened:\n${errors}`)
  }
  await listening()
  child.stdout.resume()
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => errors,
    process: child,
    async end() {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Sends an event as Eventarc does. */
export const sendEvent = (url: string, type: string, data: unknown): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'ce-id': '1',
      'ce-specversion': '1.0',
      'ce-type': type,
      'ce-source': '//example',
    },
    body: JSON.stringify(data),
  })

/** What of an HTTP function needs a token: method, and path below its name. */
const guarded: Record<string, [method: string, path: string]> = {
  auth: ['GET', '/me'],
  upload: ['POST', ''],
}

/** Asks an HTTP function for something that needs a token, without one. */
export function askWithoutToken(url: string, name: string, prefix = ''): Promise<Response> {
  const [method, path] = guarded[name] ?? ['GET', '']
  return fetch(`${url}${prefix}${path}`, { method })
}
