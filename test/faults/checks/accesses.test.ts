import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { access, accessEntries, mp3, mp4, tiered, wrong } from '../testing.ts'

describe('The checks of accesses see', () => {
  it('one that is counted twice', () => {
    assert.deepEqual(
      wrong(({ stored }) => void stored.tieredObjects.set(mp3, tiered(5, 2))),
      [`${mp3}: 2 accesses, 2 requests and 10 bytes are counted of 1 accesses to 5 bytes`],
    )
  })
  it('one that is told twice for one request', () => {
    const twice = wrong(({ journal, stored }) => {
      stored.accesses.set('copy', access())
      stored.tieredObjects.set(mp3, tiered(5, 2))
      return { journal: [...journal, ...accessEntries('request', 'copy')] }
    })
    assert.deepEqual(twice, [`${mp3}: one request, answered with 200, was counted as 2 accesses`])
  })
  it('one that is told under two names', () => {
    const twice = wrong(({ journal, stored }) => {
      stored.accesses.set('copy', access())
      stored.tieredObjects.set(mp3, tiered(5, 2))
      return { journal: [...journal, ...accessEntries('request', 'copy').slice(1)] }
    })
    assert.deepEqual(twice, [`${mp3}: 2 accesses were told, and 1 were asked for`])
  })
  it('one that was written down under a name that nobody has told', () => {
    const stranger = wrong(({ stored }) => {
      stored.accesses.set('stranger', access())
      stored.tieredObjects.set(mp3, tiered(5, 2))
    })
    assert.deepEqual(stranger, [`${mp3}: the access stranger was never told`])
  })
  it('one that was told, and is lost', () => {
    const lost = wrong(({ stored }) => {
      stored.accesses.clear()
      stored.tieredObjects.set(mp3, tiered(5, 0))
    })
    assert.deepEqual(lost, [
      `${mp3}: the access access was told, and is not written down`,
      'nothing was found of this: accesses',
    ])
  })
  it('one whose request was answered, and never counted', () => {
    assert.deepEqual(
      wrong(({ requests }) => ({ requests: [...requests, { id: 'other', object: mp3, status: 200 }] })),
      [`${mp3}: one request, answered with 200, was counted as 0 accesses`],
    )
  })
  it('one whose request was refused, and counted', () => {
    assert.deepEqual(
      wrong(() => ({ requests: [{ id: 'request', object: mp3, status: 409 }] })),
      [`${mp3}: one request, answered with 409, was counted as 1 accesses`],
    )
  })
  it('one that nobody has asked for', () => {
    const complaint = `${mp4}: an access that nobody has asked for was counted`
    assert.deepEqual(
      wrong(({ journal }) => ({ journal: [...journal, ...accessEntries('request', 'x', mp4).slice(0, 1)] })),
      [complaint],
    )
  })
  it('no harm in a request whose answer was lost, whether it was counted or not', () => {
    assert.deepEqual(
      wrong(() => ({ requests: [{ id: 'request', object: mp3 }] })),
      [],
    )
    assert.deepEqual(
      wrong(({ requests }) => ({ requests: [...requests, { id: 'other', object: mp3 }] })),
      [],
    )
  })
})
