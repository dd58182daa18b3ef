import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PubSub } from '@google-cloud/pubsub'
import { functions } from '../../lib/functions.ts'
import { log } from '../../lib/log.ts'
import { banner } from '../../platform/local/banner.ts'
import { openGateway } from '../../platform/local/gateway.ts'
import { secretHeader } from '../../platform/local/delivery.ts'
import { openPage } from '../../platform/local/page.ts'
import { keptAdminPassword, keptSigningKey } from '../../platform/local/secrets.ts'
import { bucketsOf, makeCloud } from './cloud.ts'
import { createBucketFront } from './bucket-front.ts'
import { emulator, startEmulators } from './emulators.ts'
import { copied, createEventServer, post } from './events.ts'

/**
 * The cloud on one machine: page and functions in this process with PLATFORM=gcp, over emulators of Cloud Storage, Firestore
 * and Pub/Sub: those that their variables name, else some of its own, whose content is gone with them.
 */

const env = process.env
const projectId = (env['GOOGLE_CLOUD_PROJECT'] ??= 'tapedeck-emulated')
const folder = env['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'tapedeck-gcp-'))
mkdirSync(folder, { recursive: true })
await startEmulators()

const port = Number(env['PORT'] ?? 8080)
const gateway = await listen(port)
const apiUrl = urlOf(gateway.server)
const front = createBucketFront(await emulator('fake-gcs-server'))
const buckets = await listen(port === 0 ? 0 : port + 1)
buckets.serve((req, res) => void front.emit('request', req, res))
const bucketUrl = urlOf(buckets.server)
env['STORAGE_EMULATOR_HOST'] = bucketUrl
const names = bucketsOf(projectId)
const settings = {
  PLATFORM: 'gcp',
  ...names,
  FIRESTORE_DATABASE: 'tapedeck',
  SOURCE_DAYS: '7',
  ALLOWED_ORIGINS: [apiUrl, apiUrl.replace('127.0.0.1', 'localhost')].join(','),
  ADMIN_EMAIL: 'admin@localhost',
  ADMIN_PASSWORD: keptAdminPassword(folder),
  SIGNING_KEY: keptSigningKey(folder),
  TRUSTED_PROXIES: '0',
  PAGE_URL: apiUrl,
  WORK_DEADLINE_SECONDS: String(functions.work.timeoutSeconds - 60),
  // URLs are signed with a key of an account that does not exist, instead of by the cloud.
  GOOGLE_APPLICATION_CREDENTIALS: writeCredentials(join(folder, 'credentials.json')),
}
for (const [name, value] of Object.entries(settings)) env[name] ||= value

const secret = randomBytes(32).toString('hex')
const page = await openPage({ apiUrl, bucketUrl })
gateway.serve(await openGateway({ page, secret, cloudLike: true }))
const deliveries = new Set<Promise<void>>()
const events = createEventServer({
  async deliver(name, headers, body) {
    const delivery = post(`${apiUrl}/${name}`, { ...headers, [secretHeader]: secret }, body)
    deliveries.add(delivery)
    await delivery.finally(() => deliveries.delete(delivery))
  },
  shape: env['EVENT_SHAPE'] === 'push' ? 'push' : 'eventarc',
  waits: copied(Number(env['EVENT_COPIES'] ?? 1)),
})
// A test may have somebody push in between, who is there when this is not.
events.listen(Number(env['EVENTS_PORT'] ?? 0), '127.0.0.1')
await once(events, 'listening')
await makeCloud({ projectId, buckets: names, eventsUrl: env['EVENTS_URL'] ?? urlOf(events) })
const stopScheduler = startScheduler()
console.log(
  await banner({ apiUrl, localUrl: apiUrl, bucketUrl, data: `in the emulators, secrets in ${folder}` }),
)

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void shutDown())

async function shutDown(): Promise<void> {
  stopScheduler()
  events.close()
  // The functions hand back what they are working at.
  await Promise.allSettled(deliveries)
  process.exit(0)
}

/** Cloud Scheduler has no emulator. */
function startScheduler(): () => void {
  const topic = new PubSub({ projectId }).topic('sweep')
  const publish = (): void =>
    void topic
      .publishMessage({ json: {} })
      .catch((error: unknown) => log.error('The scheduler cannot publish', error))
  publish()
  const timer = setInterval(publish, Number(env['SWEEP_SECONDS'] ?? 30) * 1000)
  return () => clearInterval(timer)
}

async function listen(port: number): Promise<{ server: Server; serve(listener: RequestListener): void }> {
  let listener: RequestListener = (_req, res) => res.writeHead(503).end()
  const server = createServer({ requestTimeout: 0 }, (req, res) => listener(req, res))
  server.listen(port, env['HOST'] ?? '127.0.0.1')
  await once(server, 'listening')
  return { server, serve: (next) => void (listener = next) }
}

function urlOf(server: Server): string {
  // A server that has said 'listening' on a TCP port has an address of this shape.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function writeCredentials(path: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const credentials = {
    type: 'service_account',
    project_id: projectId,
    client_email: `signer@${projectId}.iam.gserviceaccount.com`,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
  writeFileSync(path, JSON.stringify(credentials), { mode: 0o600 })
  return path
}
