import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from '../evidence.ts'
import { endedJob, id, mp3, mp4, source, tiered, wrong } from '../testing.ts'

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
