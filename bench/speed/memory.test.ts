import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { peakMemory } from './memory.ts'

const fillMiB = (mib: number): string => `globalThis.kept = Buffer.alloc(${mib} * 2 ** 20, 1)`
const script = `
${fillMiB(100)}
const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${fillMiB(200)}; setTimeout(() => {}, 400)`)}])
child.once('exit', () => process.exit())
`

describe('The peak of memory', { timeout: 30_000 }, () => {
  it('is that of a process and its children together', async () => {
    const child = spawn(process.execPath, ['-e', script])
    assert(child.pid !== undefined)
    const { mib, result } = await peakMemory(child.pid, async () => {
      await once(child, 'exit')
      return 'what work gives'
    })
    assert.equal(result, 'what work gives')
    assert(mib > 300, `${mib} MiB`)
    assert(mib < 500, `${mib} MiB`)
  })
})
