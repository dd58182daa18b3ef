import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from '../../lib/jobs/job.ts'
import { check } from './check.ts'
import type { Evidence } from './evidence.ts'
import type { Entry } from './journal.ts'
import {
  access,
  accessEntries,
  at,
  endedJob,
  evidence,
  id,
  mailOf,
  mp3,
  mp4,
  source,
  tiered,
} from './testing.ts'

/** What is wrong with evidence in which this was changed. */
function wrong(change: (found: Evidence) => Partial<Evidence> | void): string[] {
  const found = evidence()
  return check({ ...found, ...change(found) }).wrong
}

const name = `an AVI 1.1 (${id})`
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

describe('The checks of mails see', () => {
  it('two about one end', () => {
    assert.deepEqual(
      wrong(({ mails }) => ({ mails: [...mails, ...mails] })),
      [`${name}: 2 mails tell of 1 ends`],
    )
  })
  it('one that is noted as sent, and was not', () => {
    assert.deepEqual(
      wrong(() => ({ mails: [] })),
      [`${name}: 0 mails were sent, and 1 are noted as sent`, 'nothing was found of this: mails'],
    )
  })
  it('one that was left out without need, or of which nothing is noted', () => {
    const left = ({ stored }: Evidence): void => void stored.deliveries.set(`${id}.1.mail`, mailOf('SKIPPED'))
    assert.deepEqual(wrong(left), [`${name}: its mail is SKIPPED`])
    assert.deepEqual(
      wrong(({ stored }) => stored.deliveries.clear()),
      [`${name}: its mail is missing`],
    )
  })
  it('one that was not sent, though nobody was killed who sent it', () => {
    const stuck = (killedAt: number): string[] =>
      wrong(({ stored, journal }) => {
        stored.deliveries.set(`${id}.1.mail`, mailOf('SENDING'))
        const kill: Entry = { at: killedAt, what: 'fault', fault: 'a server is killed', hitsAll: true }
        return { mails: [`Another job is done.`], journal: [...journal, kill] }
      })
    const complaint = `${name}: its mail was not sent, and nobody was killed`
    assert.ok(stuck(at.getTime() + 60_000).includes(complaint))
    assert.ok(!stuck(at.getTime() + 500).includes(complaint))
  })
})

describe('The checks of objects see', () => {
  const other = id.replace(/1$/, '2')
  it('one that belongs to no job, or to one that was deleted', () => {
    const extra = { bucket: 'target', name: `${other}.mp3`, generation: '9', size: 5, file: 'extra' }
    const left = ({ stored }: Evidence): void => {
      stored.objects.push(extra)
      stored.files?.set('extra', 5)
    }
    assert.deepEqual(wrong(left), [`${other}.mp3 belongs to no job`])
    const deleted = wrong(({ stored }) => void stored.jobs.set(id, endedJob('DELETED')))
    for (const each of [source, mp3, mp4]) assert.ok(deleted.includes(`${each} belongs to no job`))
  })
  it('a part that was left over', () => {
    const part = { bucket: 'target', name: `parts/${id}/1/body`, generation: '9', size: 5, file: 'part' }
    const left = ({ stored }: Evidence): void => {
      stored.objects.push(part)
      stored.files?.set('part', 5)
    }
    assert.deepEqual(wrong(left), [`parts/${id}/1/body was left over by a job that is MP3_COMPLETED`])
  })
  it('one that is in a job, and not stored, or in another generation', () => {
    const gone = ({ stored }: Evidence): void => {
      stored.objects.pop()
      stored.files?.delete(`file of ${mp3}`)
    }
    assert.deepEqual(wrong(gone), [`${mp3} is in a job's record, and not stored`])
    const older = wrong(({ stored }) => ({
      stored: { ...stored, objects: stored.objects.map((object) => ({ ...object, generation: '3' })) },
    }))
    assert.deepEqual(older, [
      `${mp4} has generation 3 and 3 bytes; its job says 2 and 3`,
      `${source} has generation 3 and 7 bytes; its job says 1 and 7`,
    ])
  })
  it('one without its file beside a file without its object', () => {
    const crossed = ({ stored }: Evidence): void => {
      stored.files?.delete(`file of ${mp3}`)
      stored.files?.set('stray', 5)
    }
    assert.deepEqual(wrong(crossed), [`${mp3} has no file`, 'no object has the file stray'])
  })
  it('a file of another length than its object', () => {
    assert.deepEqual(
      wrong(({ stored }) => void stored.files?.set(`file of ${mp3}`, 4)),
      [`${mp3} has 5 bytes, and its file 4`],
    )
  })
  it('one that is in no storage tier, and a tier of an object that is in no job', () => {
    const moved = ({ stored }: Evidence): void => {
      stored.tieredObjects.delete(mp4)
      stored.tieredObjects.set(`${other}.mp4`, tiered(3, 0))
    }
    assert.deepEqual(wrong(moved), [
      `${mp4} is in no storage tier`,
      `${other}.mp4 is in a storage tier, and no job has it`,
    ])
  })
})
