import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { page } from './results.ts'

describe('The page of results', () => {
  const both = page(page('', 'two', '## two\n\n- of two'), 'one', '## one\n\n- of one')

  it('has its sections by name, after an introduction', () => {
    assert.match(both, /^# [^#]+\n\n## one\n\n- of one\n\n## two\n\n- of two\n$/)
  })

  it('keeps the sections that were not measured again, byte by byte', () => {
    assert.equal(page(both, 'one', '## one\n\n- again'), both.replace('- of one', '- again'))
    assert.equal(page(both, 'zero', '## zero\n\nnew'), `${both}\n## zero\n\nnew\n`)
  })
})
