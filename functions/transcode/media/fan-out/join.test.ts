import assert from 'node:assert/strict'
import { it } from 'node:test'
import { areAtOnePlace } from './join.ts'

const frames = (text: string): Buffer[] => text.split('').map((letter) => Buffer.from(letter))

it('takes two different neighbours that are equal in both for proof', () => {
  assert.equal(areAtOnePlace(frames('abcd'), frames('abcd')), true)
  assert.equal(areAtOnePlace(frames('xbcx'), frames('ybcz')), true)
})

it('takes neither equal frames of silence nor single ones for proof', () => {
  assert.equal(areAtOnePlace(frames('ssss'), frames('ssss')), false)
  assert.equal(areAtOnePlace(frames('axcx'), frames('aycy')), false)
  assert.equal(areAtOnePlace(frames('abcd'), frames('bcde')), false)
  assert.equal(areAtOnePlace(frames(''), frames('')), false)
  assert.equal(areAtOnePlace(frames('ab'), frames('')), false)
})
