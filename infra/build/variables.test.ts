import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namesIn } from './variables.ts'

describe('the variables that a module reads', () => {
  it('are those named in its calls of readConfig', () => {
    const source = `
      import { readConfig } from '../../lib/config.ts'
      const config = readConfig(['SOURCE_BUCKET', 'SOURCE_DAYS'])
      const { PLATFORM } = readConfig([
        'PLATFORM',
      ])`
    assert.deepEqual(namesIn(source, 'module.ts'), ['SOURCE_BUCKET', 'SOURCE_DAYS', 'PLATFORM'])
  })

  it('are none where it does not call it', () => {
    const source = 'export function readConfig<V extends Variable>(names: readonly V[]) {}'
    assert.deepEqual(namesIn(source, 'module.ts'), [])
  })

  for (const call of [
    'readConfig(variableNames)',
    "readConfig([...names, 'PORT'])",
    "readConfig(['COLOUR'])",
  ]) {
    it(`cannot be told from ${call}, which is an error that says so`, () => {
      assert.throws(() => namesIn(`const config = ${call}`, 'functions/a/index.ts'), {
        message: /^functions\/a\/index\.ts calls readConfig\(.* named in a literal array/,
      })
    })
  }
})
