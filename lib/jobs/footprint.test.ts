import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adoptJob, beginJob } from './begin.ts'
import type { Job } from './job.ts'
import {
  after,
  creating,
  events,
  needConvert,
  newJob,
  settle,
  source,
  start,
  target,
  uploading,
  worker,
} from './testing.ts'

describe("What a job takes up of its owner's quota", () => {
  const { size: sourceBytes } = source
  const videoBytes = 300
  const withVideo = after(needConvert, [{ ...events.remuxed, video: { ...source, size: videoBytes } }])
  const done = after(withVideo, [events.encoding, events.completed])
  const abandoned = after(uploading, [{ ...events.failed, code: 'UPLOAD_ABANDONED' }])
  const failedWithVideo = after(withVideo, [events.failed])
  const begun = (sizes: { size: number; reservedBytes?: number }): Job =>
    settle(beginJob({ ...newJob, ...sizes }, 'session', worker, start), start)

  const expected: [what: string, job: Job, storedBytes: number, active: boolean][] = [
    ['what was declared, while that is on its way', begun({ size: 700 }), 700, true],
    ['what is reserved, while the size is not known', begun({ size: 0, reservedBytes: 900 }), 900, true],
    [
      'the video as it is, once it is there',
      after(begun({ size: 700 }), [events.uploaded]),
      sourceBytes,
      true,
    ],
    ['the video, while it is converted', creating, 2 * sourceBytes, true],
    ['the MP4 as well', withVideo, sourceBytes + videoBytes, true],
    [
      'no MP4 where there is none',
      after(needConvert, [{ ...events.remuxed, video: { skipped: 'No.' } }]),
      sourceBytes,
      true,
    ],
    ['video, MP4 and MP3 in the end, but no job', done, sourceBytes + videoBytes + target.size, false],
    [
      'MP4 and MP3 once the video has expired',
      after(done, [events.sourceExpired]),
      videoBytes + target.size,
      false,
    ],
    ['video and MP4 when it has failed', failedWithVideo, sourceBytes + videoBytes, false],
    [
      'a job again when it is retried',
      after(failedWithVideo, [events.retried]),
      sourceBytes + videoBytes,
      true,
    ],
    ['nothing when its upload was given up', abandoned, 0, false],
    ['everything when that comes in after all', after(abandoned, [events.uploaded]), sourceBytes, true],
    [
      'the video at once where it came by itself',
      settle(adoptJob({ ...newJob, size: sourceBytes, source }, worker, start), start),
      sourceBytes,
      true,
    ],
    ['nothing from its deletion on', after(done, [events.deleted]), 0, false],
    ['nothing when it is deleted on its way', after(begun({ size: 700 }), [events.deleted]), 0, false],
  ]
  for (const [what, job, storedBytes, active] of expected) {
    it(`is ${what}`, () => assert.deepEqual([job.storedBytes, job.active], [storedBytes, active]))
  }

  it('is written as soon as a job changes that was made before there were quotas', () => {
    const { storedBytes: _storedBytes, active: _active, ...old } = failedWithVideo
    const changed = after(old, [events.sourceExpired])
    assert.deepEqual([changed.storedBytes, changed.active], [videoBytes, false])
  })
})
