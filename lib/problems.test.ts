import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { describe, it } from 'node:test'
import { Problem, problemCodes } from './problems.ts'

describe('A problem', () => {
  it('is an error with a stable code, its status, and a sentence for people', () => {
    const problem = new Problem('NOT_FOUND', 'There is no job "x".')
    assert.ok(problem instanceof Error)
    assert.deepEqual(
      [problem.code, problem.status, problem.message],
      ['NOT_FOUND', 404, 'There is no job "x".'],
    )
  })

  it('is written as RFC 9457 has it, with one entry for each wrong value', () => {
    const errors = [{ field: 'bitrate', detail: 'must be at least 64 kbit/s' }]
    const problem = new Problem('UNPROCESSABLE', 'bitrate: too low', {
      errors,
      headers: { 'X-Secret': 'no' },
    })
    assert.deepEqual(JSON.parse(JSON.stringify(problem)), {
      type: 'about:blank',
      title: 'A value is not valid',
      status: 422,
      code: 'UNPROCESSABLE',
      detail: 'bitrate: too low',
      errors,
    })
  })

  it('never shows its stack or its cause', () => {
    const text = JSON.stringify(new Problem('INTERNAL', 'Something went wrong.'))
    assert.doesNotMatch(text, /stack|problems\.test/)
  })

  for (const [code, [status, title]] of Object.entries(problemCodes)) {
    it(`${code} has an HTTP status and a title`, () => {
      assert.ok(status >= 400 && STATUS_CODES[status], String(status))
      assert.match(title, /^[A-Z].*[^.]$/)
    })
  }
})
