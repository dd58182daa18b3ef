import type { JobView } from '../../lib/jobs/view.ts'

export const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()

/** A job as the page is told of it, created in this minute. */
export const listedJob = (id: string, created: number, change: Partial<JobView> = {}): JobView => ({
  id,
  owner: 'me',
  contentType: 'video/mp4',
  options: {},
  timeline: [],
  filename: `${id}.mp4`,
  size: 1000,
  status: 'ENQUEUED',
  progress: 0,
  warnings: [],
  source: { bucket: 'source', name: `uploads/${id}`, gone: false },
  attempt: 1,
  times: { route: '' },
  createdAt: at(created),
  updatedAt: at(created),
  ...change,
})
