import { ConfigError, readConfig } from '../../lib/config.ts'
import { log } from '../../lib/log.ts'
import { banner } from './banner.ts'
import { startLocal, type LocalServer } from './start.ts'

/** What hands work back has to be done by then (Cloud Run gives as long). */
const shutdownSeconds = 10

try {
  const server = await startLocal()
  process.once('SIGTERM', () => void shutDown(server))
  process.once('SIGINT', () => void shutDown(server))
  const { DATA_DIR } = readConfig(['DATA_DIR'])
  console.log(await banner({ ...server, data: DATA_DIR }))
} catch (error) {
  if (error instanceof ConfigError) console.error(error.message)
  else console.error(`Tapedeck cannot start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
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
