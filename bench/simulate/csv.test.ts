import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { traceFromCsv } from './csv.ts'
import { historyOf } from './trace.ts'

const read = (text: string, days?: number) => traceFromCsv('t.csv', text, days)
const refuses = (text: string, message: string, days?: number): void =>
  assert.throws(() => read(text, days), { message })

describe('A trace from a table', () => {
  it('has each object from its first row on, and adds up the reads of a day', () => {
    const trace = read('day,object,bytes,reads\n3,a,10,0\n5,b,20,2\n5,a,10,1\n4,a,10,7\n5,a,10,1\n')
    assert.deepEqual([trace.days, trace.bytes.length], [6, 2])
    const [first, second] = [historyOf(trace, 0), historyOf(trace, 1)]
    assert.deepEqual(
      [first.createdOn, first.bytes, [...first.readOn], [...first.reads]],
      [3, 10, [4, 5], [7, 2]],
    )
    assert.deepEqual(
      [second.createdOn, second.bytes, [...second.readOn], [...second.reads]],
      [5, 20, [5], [2]],
    )
  })

  it('may have its columns in any order, further ones, quotes, and lines that are empty', () => {
    const trace = read('﻿reads,bytes,object,day,note\r\n1,10,"a,b",0,x\r\n\r\n', 9)
    assert.deepEqual([trace.days, [...trace.reads]], [9, [1]])
  })

  it('is refused with the place and what to do', () => {
    const head = 'day,object,bytes,reads\n'
    refuses(
      `${head}0,a,10,1\n-1,a,10,1\n`,
      't.csv, line 3, column day: "-1" is not a whole number from 0 to 65534. Write a day, counted from 0.',
    )
    refuses(
      `${head}0,a,1e3,1\n`,
      't.csv, line 2, column bytes: "1e3" is not a whole number from 0 to 9007199254740991. Write the object\'s size.',
    )
    refuses(
      `${head}0,,1,1\n`,
      't.csv, line 2, column object: "" is no name. Write what the object is called.',
    )
    refuses(
      `${head}0,a,1,1\n1,a,2,1\n`,
      't.csv, line 3, column bytes: "2" is not 1, as in line 2. Give an object of another size another name.',
    )
    refuses(
      `${head}7,a,1,1\n`,
      't.csv, line 2, column day: "7" is not before day 7, with which the trace ends. Set --days to 8 or more.',
      7,
    )
    refuses(head, 't.csv has no rows. Write one for each object and day with reads.')
  })

  it('is refused if it is no such table', () => {
    assert.throws(() => read('day,object\n0,a\n'), /line 1 has no column bytes, reads, but day, object/)
    assert.throws(() => read('day,object,bytes,reads\n0,a\n'), /t\.csv cannot be read as a table: .*line 2/)
    assert.throws(() => read(''), /t\.csv has no rows/)
  })
})
