import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodingOptions } from './job.ts'

describe('Encoding options', () => {
  for (const options of [
    {},
    { bitrate: 64 },
    { bitrate: 193 },
    { bitrate: 320 },
    { quality: 0 },
    { quality: 9 },
  ]) {
    it(`may be ${JSON.stringify(options)}`, () => {
      assert.deepEqual(encodingOptions.parse(options), options)
    })
  }

  const refused: [options: unknown, field: string, detail: RegExp][] = [
    [{ bitrate: 63 }, 'bitrate', /at least 64 kbit\/s/],
    [{ bitrate: 321 }, 'bitrate', /at most 320 kbit\/s/],
    [{ bitrate: 192.5 }, 'bitrate', /whole number of kbit\/s/],
    [{ bitrate: '192' }, 'bitrate', /whole number of kbit\/s/],
    [{ bitrate: null }, 'bitrate', /whole number of kbit\/s/],
    [{ quality: -1 }, 'quality', /at least 0/],
    [{ quality: 10 }, 'quality', /at most 9/],
    [{ quality: 0.5 }, 'quality', /whole number from 0/],
    [{ bitrate: 192, quality: 2 }, 'quality', /choose one of the two/],
  ]
  for (const [options, field, detail] of refused) {
    it(`may not be ${JSON.stringify(options)}, and say why`, () => {
      const issue = encodingOptions.safeParse(options).error?.issues[0]
      assert.equal(issue?.path.join('.'), field)
      assert.match(issue.message, detail)
    })
  }

  it('hold nothing else: a misspelt one must not be ignored', () => {
    const { error } = encodingOptions.safeParse({ bitRate: 192 })
    assert.match(error?.issues[0]?.message ?? '', /bitRate/)
  })
})
