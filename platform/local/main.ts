import { ConfigError, readConfig } from '../../lib/config.ts'
import { log } from '../../lib/log.ts'
import { startLocal, type LocalServer } from './start.ts'

/** What hands work back has to be done by then (Cloud Run gives as long). */
const shutdownSeconds = 10

try {
  const server = await startLocal()
  process.once('SIGTERM', () => void shutDown(server))
  process.once('SIGINT', () => void shutDown(server))
  await printBanner(server)
} catch (error) {
  if (error instanceof ConfigError) console.error(error.message)
  else console.error(`Tapedeck cannot start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

async function printBanner({ apiUrl, localUrl, bucketUrl }: LocalServer): Promise<void> {
  const { ADMIN_EMAIL, DATA_DIR } = readConfig(['ADMIN_EMAIL', 'DATA_DIR'])
  console.log(`
  Tapedeck is running.

  Page      ${apiUrl}/${await signInFragment(localUrl, ADMIN_EMAIL)}
  API       ${apiUrl}
  Buckets   ${bucketUrl}
  Data      ${DATA_DIR}

  The link signs you in as ${ADMIN_EMAIL} for a day. Stop with Ctrl-C.
`)
}

/** A fragment with a token, which no server gets to see. Once the password was changed, none. */
async function signInFragment(localUrl: string, email: string): Promise<string> {
  const { ADMIN_PASSWORD } = readConfig(['ADMIN_PASSWORD'])
  const credentials = Buffer.from(`${email}:${ADMIN_PASSWORD ?? ''}`).toString('base64')
  const headers = { Authorization: `Basic ${credentials}` }
  const response = await fetch(`${localUrl}/auth/login`, { method: 'POST', headers })
  if (!response.ok) return ''
  const { token } = (await response.json()) as { token: string }
  return `#token=${token}`
}

async function shutDown(server: LocalServer): Promise<void> {
  // A second signal ends the process at once, as it always does.
  const giveUp = setTimeout(() => process.exit(1), shutdownSeconds * 1000)
  try {
    await server.stop()
    clearTimeout(giveUp)
    process.exit(0)
  } catch (error) {
    log.error('The shutdown failed', error)
    process.exit(1)
  }
}
