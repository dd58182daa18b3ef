import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseUploadRange } from './content-range.ts'

describe('parseUploadRange', () => {
  const readings: [string | undefined, unknown][] = [
    [undefined, { kind: 'bytes', first: 0, last: undefined, total: undefined }],
    ['bytes 0-9/10', { kind: 'bytes', first: 0, last: 9, total: 10 }],
    ['bytes 5-9/*', { kind: 'bytes', first: 5, last: 9, total: undefined }],
    ['bytes 5-*/10', { kind: 'bytes', first: 5, last: undefined, total: 10 }],
    ['bytes 5-*/*', { kind: 'bytes', first: 5, last: undefined, total: undefined }],
    ['bytes 0--1/0', { kind: 'bytes', first: 0, last: -1, total: 0 }],
    ['bytes 8-7/8', { kind: 'bytes', first: 8, last: 7, total: 8 }],
    ['bytes */10', { kind: 'query', total: 10 }],
    ['bytes */*', { kind: 'query', total: undefined }],
  ]
  for (const [header, reading] of readings)
    it(`reads ${header ?? 'its absence'}`, () => assert.deepEqual(parseUploadRange(header), reading))

  const wrong = [
    '',
    'bytes',
    'bytes 0-9',
    'bytes=0-9/10',
    'octets 0-9/10',
    'bytes 9-0/10',
    'bytes 0-10/10',
    'bytes 0-9/10, bytes 10-19/20',
    'bytes -5/10',
    'bytes 0x0-9/10',
    'bytes 0-9/10 ',
    'bytes 1e3-2e3/1e4',
    'bytes 0-99999999999999999999/*',
  ]
  for (const header of wrong)
    it(`does not take ${JSON.stringify(header)}`, () => assert.equal(parseUploadRange(header), undefined))
})
