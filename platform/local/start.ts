import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError, readConfig, variableNames } from '../../lib/config.ts'
import { functions } from '../../lib/functions.ts'
import { sendProblem } from '../../lib/http/answer.ts'
import { log } from '../../lib/log.ts'
import { Problem } from '../../lib/problems.ts'
import { createBucketServer } from './bucket-server.ts'
import { startDelivery } from './delivery.ts'
import { drainable } from './drain.ts'
import { openGateway } from './gateway.ts'
import { refuseMalformed } from './malformed.ts'
import { openPage } from './page.ts'
import { localPlatform } from './platform.ts'
import { keptAdminPassword, keptSigningKey } from './secrets.ts'

/** So long a request may go on once work is handed back: a large upload is cut off, and goes on after the next start. */
const longestAnswerMs = 4000

export interface LocalServer {
  /** Base URL of the page and the functions. */
  apiUrl: string
  /** The same, as this machine itself reaches it. */
  localUrl: string
  bucketUrl: string
  /** Lets running work come to an end, or be handed back, then closes everything. */
  stop(): Promise<void>
}

/** Hosts page, functions, buckets, queue and scheduler in this process, as the environment says. Throws ConfigError. */
export async function startLocal(): Promise<LocalServer> {
  const config = readConfig(variableNames)
  if (config.PLATFORM !== 'local') {
    throw new ConfigError([
      `PLATFORM must be local to host everything on this machine; "${config.PLATFORM}" is not.`,
    ])
  }
  mkdirSync(config.DATA_DIR, { recursive: true })
  const local = await localPlatform()
  const gateway = await listen(config.PORT, config.HOST)
  const buckets = await listen(config.PORT === 0 ? 0 : config.PORT + 1, config.HOST)
  const localUrl = ownUrl(gateway.server, config.HOST)
  const apiUrl = config.API_URL ?? localUrl
  const bucketUrl = config.BUCKET_URL ?? ownUrl(buckets.server, config.HOST)
  const allowedOrigins = [
    ...config.ALLOWED_ORIGINS,
    new URL(apiUrl).origin,
    ...loopbackOrigins(gateway.server),
  ]
  // The functions read the environment, here as in the cloud: what was left open is settled there, before they are loaded.
  process.env['API_URL'] = apiUrl
  process.env['PAGE_URL'] ||= apiUrl
  process.env['BUCKET_URL'] = bucketUrl
  process.env['ALLOWED_ORIGINS'] = allowedOrigins.join(',')
  process.env['SIGNING_KEY'] ||= keptSigningKey(config.DATA_DIR)
  process.env['ADMIN_PASSWORD'] ||= keptAdminPassword(config.DATA_DIR)
  if (config.CLOUD_LIKE) process.env['WORK_DEADLINE_SECONDS'] ||= String(functions.work.timeoutSeconds - 60)

  const secret = randomBytes(32).toString('hex')
  const page = await openPage({ apiUrl, bucketUrl })
  gateway.serve(await openGateway({ page, secret, cloudLike: config.CLOUD_LIKE }))
  const objects = await local.objects()
  const bucketServer = createBucketServer(objects, { allowedOrigins })
  buckets.serve((req, res) => void bucketServer.emit('request', req, res))
  const bus = await local.bus()
  const stopDelivery = startDelivery(bus, {
    gatewayUrl: localUrl,
    secret,
    ...(config.CLOUD_LIKE && { timeoutSeconds: functions.work.timeoutSeconds }),
  })
  const stopScheduler = await startScheduler(config.SWEEP_SECONDS)

  return {
    apiUrl,
    localUrl,
    bucketUrl,
    async stop() {
      stopScheduler()
      const cut = new AbortController()
      const closed = [gateway, buckets].map(({ close }) => close(cut.signal))
      await stopDelivery()
      const timer = setTimeout(() => cut.abort(), longestAnswerMs)
      await Promise.all(closed)
      clearTimeout(timer)
      await local.close()
    },
  }
}

/** Sweeps now and then, and does what Google's stores do by themselves. */
async function startScheduler(everySeconds: number): Promise<() => void> {
  const local = await localPlatform()
  const [objects, records, bus] = await Promise.all([local.objects(), local.records(), local.bus()])
  async function run(): Promise<void> {
    records.deleteExpired()
    await objects.removeExpiredSessions()
    await bus.publish('sweep', {})
  }
  const tryRun = (): void => void run().catch((error: unknown) => log.error('The scheduler failed', error))
  tryRun()
  const timer = setInterval(tryRun, everySeconds * 1000)
  return () => clearInterval(timer)
}

interface Listening {
  server: Server
  serve(listener: RequestListener): void
  /** Ends it, and the requests that are still being answered when the signal aborts. */
  close(cut: AbortSignal): Promise<void>
}

/** Listens at once, since the port may be needed to begin with; whoever comes before there is anything to serve is asked to wait. */
async function listen(port: number, host: string): Promise<Listening> {
  const starting = new Problem('UNAVAILABLE', 'The server is starting: try again.', {
    headers: { 'Retry-After': '1' },
  })
  let listener: RequestListener = (req, res) => sendProblem(req, res, starting)
  const options = {
    // A large upload may take longer than the five minutes that Node allows a request by default.
    requestTimeout: 0,
    headersTimeout: 60_000,
    // A client that has vanished without a word is noticed.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  }
  const server = createServer(options, (req, res) => listener(req, res))
  const close = drainable(server)
  server.on('clientError', refuseMalformed)
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!taken) throw error
    throw new Error(`Port ${port} is taken. Set PORT to a free one; the buckets listen on PORT+1.`, {
      cause: error,
    })
  }
  return { server, close, serve: (next) => void (listener = next) }
}

// A server that has said 'listening' on a TCP port has an address of this shape.
const portOf = (server: Server): number => (server.address() as AddressInfo).port

function ownUrl(server: Server, host: string): string {
  const wildcard = host === '0.0.0.0' || host === '::'
  const name = wildcard ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${portOf(server)}`
}

const loopbackOrigins = (server: Server): string[] =>
  ['127.0.0.1', 'localhost'].map((name) => `http://${name}:${portOf(server)}`)
