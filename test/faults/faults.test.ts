import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unavailable } from '../server.ts'
import { runFaults } from './run.ts'

describe(
  'While servers and their ffmpegs are killed, events come twice and late, reads and writes break, and disks are full,',
  {
    skip: unavailable,
    timeout: 400_000,
  },
  () => {
    it('every accepted job comes to its right end, and nothing is left over or done twice', async (t) => {
      const { injected, counts, wrong } = await runFaults({ seed: 1, jobs: 12, mostMinutes: 5 })
      t.diagnostic(JSON.stringify({ injected, counts }))
      assert.deepEqual(wrong, [])
      assert.ok(Object.keys(injected).length > 5, 'much was injected')
    })
  },
)
