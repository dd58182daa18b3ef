import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from '../../lib/jobs/job.ts'
import { check } from './check.ts'
import type { Evidence } from './evidence.ts'
import type { Entry } from './journal.ts'
import { at, endedJob, evidence, id, mp3, mp4, name, wrong } from './testing.ts'

const failed = (code: NonNullable<Job['error']>['code']): Job =>
  endedJob('FAILED', { error: { code, message: 'It failed.' } })

/** The job has failed by this, and what it would have made is not there. */
function failing({ stored }: Evidence, code: NonNullable<Job['error']>['code']): void {
  stored.jobs.set(id, failed(code))
  stored.objects.splice(1)
  stored.tieredObjects.clear()
  for (const each of [mp3, mp4]) stored.files?.delete(`file of ${each}`)
}

describe('Where all is well, the checks', () => {
  it('say nothing, and count', () => {
    assert.deepEqual(check(evidence()), {
      counts: { completed: 1, accesses: 1, mails: 1, objects: 3 },
      wrong: [],
    })
  })
})

describe('The checks of jobs see', () => {
  it('one that was accepted, and is not there', () => {
    assert.ok(
      wrong(({ stored }) => stored.jobs.clear()).includes(`${name}: it was accepted, and is not there`),
    )
  })
  it('one that was deleted, and is still there', () => {
    assert.deepEqual(
      wrong(({ accepted }) => ({ accepted: accepted.map((job) => ({ ...job, deleted: true })) })),
      [`${name}: it was deleted, and is MP3_COMPLETED`],
    )
  })
  it('one that nobody has deleted', () => {
    assert.ok(
      wrong(({ stored }) => void stored.jobs.set(id, endedJob('DELETED'))).includes(
        `${name}: it is deleted, and nobody did that`,
      ),
    )
  })
  it('one that is not listed', () => {
    assert.deepEqual(
      wrong(() => ({ listed: new Set() })),
      [`${name}: it is not listed`],
    )
  })
  it('one that is not over', () => {
    assert.ok(
      wrong(({ stored }) => void stored.jobs.set(id, endedJob('ENQUEUED'))).includes(
        `${name}: it is ENQUEUED`,
      ),
    )
  })
  it('an MP3 with other sound, and one that cannot be had', () => {
    assert.deepEqual(
      wrong(({ files }) => ({ files: new Map([...files, [mp3, Buffer.from('noise')]]) })),
      [`${name}: its MP3 is another one than without faults`],
    )
    assert.deepEqual(
      wrong(({ files }) => ({ files: new Map([[mp4, files.get(mp4) ?? Buffer.of()]]) })),
      [`${name}: its MP3 cannot be had`],
    )
  })
  it('an MP4 of other bytes, one that cannot be had, and one that was left out', () => {
    assert.deepEqual(
      wrong(({ files }) => ({ files: new Map([...files, [mp4, Buffer.from('mp5')]]) })),
      [`${name}: its MP4 is another one than without faults`],
    )
    assert.deepEqual(
      wrong(({ files }) => ({ files: new Map([[mp3, files.get(mp3) ?? Buffer.of()]]) })),
      [`${name}: its MP4 cannot be had`],
    )
    const skipped = endedJob('MP3_COMPLETED', { video: { skipped: 'no reason' } })
    assert.ok(
      wrong(({ stored }) => void stored.jobs.set(id, skipped)).includes(`${name}: it has no MP4: no reason`),
    )
  })
  it('one that has failed, though its file is good', () => {
    assert.ok(
      wrong((found) => failing(found, 'TRUNCATED')).includes(
        `${name}: it has failed with TRUNCATED: It failed.`,
      ),
    )
  })
  it('one that is completed, though its file is bad', () => {
    assert.deepEqual(
      wrong(() => ({ sources: [{ name: 'an AVI', becomes: { code: 'TRUNCATED' } }] })),
      [`${name}: it was completed, and should fail with TRUNCATED`],
    )
  })
  it('one that was given up without having met many faults', () => {
    const own: Entry = { at: at.getTime(), what: 'fault', fault: 'a read is refused', job: id }
    const kill: Entry = { at: at.getTime(), what: 'fault', fault: 'a server is killed', hitsAll: true }
    const others: Entry[] = [
      { ...own, job: 'another' },
      { ...kill, at: at.getTime() + 61_000 },
    ]
    const complaint = (met: number): string => `${name}: it was given up, and met ${met} faults`
    const givenUp = (faults: Entry[]): string[] =>
      wrong((found) => {
        failing(found, 'GAVE_UP')
        return { journal: [...found.journal, ...faults] }
      })
    assert.ok(givenUp([]).includes(complaint(0)))
    assert.ok(givenUp([own, kill, ...others]).includes(complaint(2)))
    assert.ok(!givenUp([own, own, kill]).some((what) => what.includes('given up')))
  })
  it('that more than one and a tenth of them were given up', () => {
    const found = evidence()
    failing(found, 'GAVE_UP')
    found.stored.jobs.set(id.replace(/1$/, '2'), failed('GAVE_UP'))
    assert.ok(check(found).wrong.includes('2 of 2 jobs were given up'))
  })
  it('that none was completed', () => {
    assert.ok(wrong((found) => failing(found, 'TRUNCATED')).includes('nothing was found of this: completed'))
  })
})
