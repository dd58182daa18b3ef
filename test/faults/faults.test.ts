import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unavailable } from '../server.ts'
import { runFaults } from './run.ts'

/** With this one, AVIs are among the files, files that are no video, downloads and deletions. */
const seed = 24
/** In the cloud more is slow than the conversions. */
const jobs = process.env['PLATFORM'] === 'gcp' ? 6 : 12

describe(
  'While servers and their ffmpegs are killed, events come twice and late, reads and writes break, and disks are full,',
  {
    skip: unavailable,
    timeout: 400_000,
  },
  () => {
    it('every accepted job comes to its right end, and nothing is left over or done twice', async (t) => {
      const report = await runFaults({ seed, jobs, mostMinutes: 5 })
      const { injected, counts, wrong, leftOut } = report
      t.diagnostic(JSON.stringify({ injected, counts }))
      for (const what of leftOut) t.diagnostic(`LEFT OUT: ${what}`)
      assert.deepEqual(wrong, [])
      assert.ok(Object.keys(injected).length > 5, 'much was injected')
    })
  },
)
