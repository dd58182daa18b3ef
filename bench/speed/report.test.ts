import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Machine } from '../machine.ts'
import { inTurns, median, type Line } from './case.ts'
import { isMet, section } from './report.ts'

const machine: Machine = { cores: 2, cpu: 'Some CPU', node: '24.1.0', ffmpeg: '7.0', date: '2026-01-31' }
const line: Line = {
  name: 'MP4',
  peer: 'ffmpeg',
  ours: '6.0 s',
  theirs: '10.0 s',
  value: 0.6,
  limit: 0.62,
  bound: 'most',
}

describe("A case's section", () => {
  it('has a row for each line, what it was measured on, and the notes, with what bounds a target that is missed', () => {
    const lines: Line[] = [
      line,
      {
        ...line,
        name: 'peak',
        value: 412.3,
        unit: 'MiB',
        limit: 400,
        note: 'the server is two processes',
        bounds: 'it is large',
      },
      { ...line, name: 'fast', bounds: 'it could be faster' },
      { ...line, name: 'a|b', value: 1.5, limit: 2, bound: 'least' },
    ]
    assert.equal(
      section('encode', lines, 3, machine),
      `## encode

| case | peer | ours | theirs | value | target | met |
| --- | --- | --- | --- | --- | --- | --- |
| MP4 | ffmpeg | 6.0 s | 10.0 s | 0.60 | ≤ 0.62 | yes |
| peak | ffmpeg | 6.0 s | 10.0 s | 412 MiB | ≤ 400 MiB | no |
| fast | ffmpeg | 6.0 s | 10.0 s | 0.60 | ≤ 0.62 | yes |
| a\\|b | ffmpeg | 6.0 s | 10.0 s | 1.50 | ≥ 2 | no |

Medians of 3, on 2 cores of Some CPU, Node 24.1.0, ffmpeg 7.0, 2026-01-31.

- peak: the server is two processes
- peak: Missed: it is large`,
    )
  })

  it('says where it was measured once', () => {
    assert.match(section('encode', [line], 1, machine), /\n\nMeasured once, on 2 cores of [^\n]*$/)
  })

  it('counts what reads as equal to the target as met', () => {
    assert.equal(isMet({ ...line, value: 0.6249 }), true)
    assert.equal(isMet({ ...line, value: 0.6251 }), false)
    assert.equal(isMet({ ...line, value: 0.616, bound: 'least' }), true)
    assert.equal(isMet({ ...line, value: 0.614, bound: 'least' }), false)
  })
})

describe('Measuring', () => {
  it('takes the middle', () => {
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([4, 1, 9, 2]), 3)
  })

  it('measures the sides in turns', async () => {
    const order: string[] = []
    const side = (name: string, numbers: number[]) => async (): Promise<number> => {
      order.push(name)
      return numbers.shift() ?? Number.NaN
    }
    const medians = await inTurns(3, { ours: side('ours', [1, 2, 9]), theirs: side('theirs', [5, 4, 3]) })
    assert.deepEqual(medians, { ours: 2, theirs: 4 })
    assert.deepEqual(order, ['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs'])
  })
})
