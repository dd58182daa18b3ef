import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { variableNames } from '../lib/config.ts'
import { sendLogTo } from '../lib/log.ts'
import type { Credentials } from './api.ts'
import { leftovers } from './leftovers.ts'

export interface OwnServer {
  url: string
  credentials: Credentials
  /** Ends it and removes all that it had stored. */
  stop(): Promise<void>
}

const email = 'convert@localhost'

/**
 * Starts the local platform in this process, over a temporary folder. Its log, which would run through the progress bars,
 * goes to `onLog`, entry by entry. Rejects where the platform cannot start, for instance without ffmpeg's file.
 */
export async function startOwnServer(onLog: (entry: string) => void): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-convert-'))
  leftovers.add(folder)
  const password = randomBytes(16).toString('base64url')
  // Settings that are meant for a server of one's own do not apply to this one; where ffmpeg is, does.
  for (const name of variableNames) if (name !== 'FFMPEG_PATH') delete process.env[name]
  Object.assign(process.env, {
    PLATFORM: 'local',
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
  })
  sendLogTo(onLog)
  // Only now: it takes a while, and reads the environment.
  const { startLocal } = await import('../platform/local/start.ts')
  const server = await startLocal()
  return {
    url: server.apiUrl,
    credentials: { email, password },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
