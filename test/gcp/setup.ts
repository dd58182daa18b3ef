import { allEmulators, skipWithout, startEmulators } from './emulators.ts'

/** Runs once before all tests: they share the emulators, and with PLATFORM=gcp those that start servers start the cloud's. */
export async function globalSetup(): Promise<void> {
  process.env['PLATFORM'] = 'gcp'
  if (skipWithout(...allEmulators) === false) await startEmulators()
}
