import { log } from '../../lib/log.ts'
import { platform } from '../../platform/index.ts'

/** Has `tier` do what is due already by the records: what fails here is made up for by sweep. */
export async function tellTier(message: { object: string } | { levelsChanged: true }): Promise<void> {
  try {
    const bus = await platform().bus()
    await bus.publish('accesses', message)
  } catch (error) {
    log.error('What is due in tiers waits for sweep', error, message)
  }
}
