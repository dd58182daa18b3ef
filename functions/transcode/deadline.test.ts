import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, it } from 'node:test'

describe('The deadline of a run', () => {
  let deadline: typeof import('./deadline.ts')
  before(async () => {
    // The setting is read as the module is loaded.
    process.env['WORK_DEADLINE_SECONDS'] = '0.05'
    deadline = await import('./deadline.ts')
  })

  it('stops it, so that the job is handed back', async () => {
    const stop = new AbortController()
    const { end } = deadline.startDeadline(stop)
    await once(stop.signal, 'abort')
    assert.ok(stop.signal.reason instanceof deadline.HandBack)
    end()
  })

  it('does nothing to a run that has ended', async () => {
    const [ended, other] = [new AbortController(), new AbortController()]
    deadline.startDeadline(ended).end()
    deadline.startDeadline(other)
    await once(other.signal, 'abort')
    assert.equal(ended.signal.aborted, false)
  })

  it('is compared early with what the whole will take, but not too early', () => {
    assert.equal(deadline.neededSeconds(10, 5, 0, 0.5), undefined)
    assert.equal(deadline.neededSeconds(10, 40, 0.1, 0.1), undefined)
    assert.equal(deadline.neededSeconds(10, 40, 0, 0.1), 410)
  })

  it('is compared with the speed of the last step, whatever was done of its work beside the one before', () => {
    assert.equal(deadline.neededSeconds(100, 40, 0.2, 0.6), 180)
  })

  it('comes at once when the process is told to end', () => {
    const stop = new AbortController()
    const { end } = deadline.startDeadline(stop)
    process.emit('SIGTERM')
    assert.match(String(stop.signal.reason), /shutting down/)
    end()
  })
})
