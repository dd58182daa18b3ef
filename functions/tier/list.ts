import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { pageLimit, readQuery } from '../../lib/http/input.ts'
import { decodePosition, encodePosition, pageToken } from '../../lib/http/page-token.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { mp3Name, mp4Name } from '../../lib/jobs/names.ts'
import { objectMeant, tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import { viewObject } from '../../lib/tiers/view.ts'
import { platform } from '../../platform/index.ts'
import type { Query, StoredRecord } from '../../platform/ports.ts'
import { settings } from './settings.ts'

const listQuery = z.object({
  level: z.string().max(32, 'must be the name of a level').optional(),
  id: z.string().max(100, 'must be the id of a job, or ID.mp4').optional(),
  limit: pageLimit,
  pageToken,
})

/** The caller's objects (an admin's: everybody's), newest first, a page at a time. */
export async function listObjects({ url, user }: UserCall): Promise<Answer> {
  const { level, id, limit, pageToken: token } = readQuery(url, listQuery)
  const mayBeSeen = ({ owner }: TieredObject): boolean => owner === user.id || user.role === 'admin'
  if (id !== undefined) {
    const { found, readAt } = await findNamed(id)
    const objects = found.filter(
      ({ data }) => mayBeSeen(data) && (level === undefined || data.level === level),
    )
    return answer(objects, readAt)
  }
  const where: NonNullable<Query<TieredObject>['where']> = []
  if (user.role !== 'admin') where.push({ field: 'owner', is: '==', value: user.id })
  if (level !== undefined) where.push({ field: 'level', is: '==', value: level })
  const records = await platform().records()
  const after = decodePosition(token)
  const { records: found, readAt } = await records.query({
    collection: tieredObjects,
    where,
    orderBy: { field: 'createdAt', direction: 'desc' },
    ...(after && { after }),
    limit,
  })
  const last = found.at(-1)
  const next = found.length === limit && last ? encodePosition(last.data.createdAt, last.id) : undefined
  return answer(found, readAt, next)
}

/** The object of that name; of a job's id, its MP3 and its MP4. */
async function findNamed(id: string): Promise<{ found: StoredRecord<TieredObject>[]; readAt: Date }> {
  const name = objectMeant(id)
  if (name === undefined) return { found: [], readAt: new Date() }
  const names = name === mp3Name(id) ? [name, mp4Name(id)] : [name]
  const records = await platform().records()
  const read = await Promise.all(names.map((each) => records.get(tieredObjects, each)))
  const found = read.flatMap(({ data }, place) => (data ? { id: names[place] ?? '', data } : []))
  return { found, readAt: read[0]?.readAt ?? new Date() }
}

function answer(found: StoredRecord<TieredObject>[], now: Date, nextPageToken?: string): Answer {
  const objects = found.map(({ id, data }) => viewObject(id, data, settings.halfLifeDays, now))
  return { status: 200, body: { objects, nextPageToken } }
}
