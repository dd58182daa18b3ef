import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const signingKeyFile = 'signing-key.pem'
const adminPasswordFile = 'admin-password'
/** The files of the data directory that hold secrets, each made when it is needed. */
export const secretFiles = [signingKeyFile, adminPasswordFile]

/** What this file of the data directory holds; made at the first start, readable by its owner alone. */
function keptSecret(dataDir: string, filename: string, make: () => string): string {
  const path = join(dataDir, filename)
  try {
    // `wx`: made only where there is none, and never seen half written by a second reader under another mode.
    writeFileSync(path, make(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(path, 'utf8').trim()
}

/** The private key that signs tokens, as SIGNING_KEY takes it. */
export const keptSigningKey = (dataDir: string): string =>
  keptSecret(dataDir, signingKeyFile, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )

/** The first account's password, where ADMIN_PASSWORD does not set it. */
export const keptAdminPassword = (dataDir: string): string =>
  keptSecret(dataDir, adminPasswordFile, () => `${randomBytes(12).toString('base64url')}\n`)
