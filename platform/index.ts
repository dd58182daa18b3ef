import { readConfig } from '../lib/config.ts'
import type { Platform } from './ports.ts'

const platforms = {
  local: async (): Promise<Platform> => (await import('./local/platform.ts')).localPlatform(),
  gcp: async (): Promise<Platform> => (await import('./gcp/platform.ts')).gcpPlatform(),
} as const

let chosen: Promise<Platform> | undefined

/** The platform that PLATFORM names; its code is loaded at the first use of a port. */
export function platform(): Platform {
  const opened = (chosen ??= platforms[readConfig(['PLATFORM']).PLATFORM]())
  return {
    objects: async () => (await opened).objects(),
    records: async () => (await opened).records(),
    bus: async () => (await opened).bus(),
  }
}
