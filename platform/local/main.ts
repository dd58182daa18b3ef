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

async function printBanner({ apiUrl, bucketUrl }: LocalServer): Promise<void> {
  const { ADMIN_EMAIL, DATA_DIR } = readConfig(['ADMIN_EMAIL', 'DATA_DIR'])
  console.log(`
  Tapedeck is running.

  Page      ${await signInLink(apiUrl, ADMIN_EMAIL)}
  API       ${apiUrl}
  Buckets   ${bucketUrl}
  Data      ${DATA_DIR}

  The link signs you in as ${ADMIN_EMAIL} for a day. Stop with Ctrl-C.
`)
}

/** A link with a token in its fragment, which no server gets to see. Once the password was changed, just the page. */
async function signInLink(apiUrl: string, email: string): Promise<string> {
  const { ADMIN_PASSWORD } = readConfig(['ADMIN_PASSWORD'])
  const credentials = Buffer.from(`${email}:${ADMIN_PASSWORD ?? ''}`).toString('base64')
  const response = await fetch(`${apiUrl}/auth/login`, {
    method: 'POST',
    headers: { Authorization: `Basic ${credentials}` },
  })
  if (!response.ok) return `${apiUrl}/`
  const { token } = (await response.json()) as { token: string }
  return `${apiUrl}/#token=${token}`
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
