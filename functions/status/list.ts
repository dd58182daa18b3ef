import * as z from 'zod'
import { filenamePrefix } from '../../lib/filename.ts'
import type { Answer } from '../../lib/http/answer.ts'
import { pageLimit, readQuery } from '../../lib/http/input.ts'
import { decodePosition, encodePosition, pageToken, type Position } from '../../lib/http/page-token.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { jobs, jobStatuses, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import { platform } from '../../platform/index.ts'
import type { Query, StoredRecord } from '../../platform/ports.ts'
import { ownedBy, owner } from './owner.ts'

const listed = jobStatuses.filter((status) => status !== 'DELETED')

const listQuery = z.object({
  owner,
  status: z.enum(listed, { error: `must be one of ${listed.join(', ')}` }).optional(),
  filename: filenamePrefix.optional(),
  limit: pageLimit,
  pageToken,
})

/** The caller's jobs (an admin's: everybody's, unless told otherwise), newest first, a page at a time. */
export async function listJobs({ url, user }: UserCall): Promise<Answer> {
  const { owner: asked, status, filename, limit, pageToken: token } = readQuery(url, listQuery)
  const where = ownedBy(user, asked)
  if (status) where.push({ field: 'status', is: '==', value: status })
  if (filename) {
    // A prefix is a range of texts: up to the prefix followed by the last character that there is.
    where.push({ field: 'filename', is: '>=', value: filename })
    where.push({ field: 'filename', is: '<', value: `${filename}\u{10FFFF}` })
  }
  const page = await readPage(where, limit, decodePosition(token))
  const last = page.at(-1)
  const nextPageToken =
    page.length === limit && last ? encodePosition(last.data.createdAt, last.id) : undefined
  return { status: 200, body: { jobs: page.map(({ id, data }) => viewJob(id, data)), nextPageToken } }
}

/** Deleted jobs stay for a while, as tombstones: they are read past. */
async function readPage(
  where: NonNullable<Query<Job>['where']>,
  limit: number,
  start: Position | undefined,
): Promise<StoredRecord<Job>[]> {
  const records = await platform().records()
  const page: StoredRecord<Job>[] = []
  let after: Query<Job>['after'] = start
  for (;;) {
    const orderBy = { field: 'createdAt', direction: 'desc' } as const
    const found = await records.query({ collection: jobs, where, orderBy, limit, ...(after && { after }) })
    page.push(...found.records.filter(({ data }) => data.status !== 'DELETED'))
    const last = found.records.at(-1)
    if (page.length >= limit) return page.slice(0, limit)
    if (!last || found.records.length < limit) return page
    after = { value: last.data.createdAt, id: last.id }
  }
}
