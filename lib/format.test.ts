import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatBytes, formatPlayingTime } from './format.ts'

describe('A size', () => {
  for (const [bytes, text] of [
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1_234_567, '1.23 MB'],
    [2_000_000_000, '2 GB'],
    [5e15, '5,000 TB'],
  ] as const)
    it(`${bytes} is ${text}`, () => assert.equal(formatBytes(bytes), text))
})

describe('A playing time', () => {
  for (const [seconds, text] of [
    [0.4, '0:00'],
    [59.6, '1:00'],
    [205, '3:25'],
    [3725, '1:02:05'],
  ] as const)
    it(`${seconds} s is ${text}`, () => assert.equal(formatPlayingTime(seconds), text))
})
