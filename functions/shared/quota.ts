import { readConfig } from '../../lib/config.ts'
import { jobs } from '../../lib/jobs/job.ts'
import { limitsOf, type Limits } from '../../lib/quota.ts'
import { users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'

const config = readConfig(['QUOTA_STORED_BYTES', 'QUOTA_JOBS', 'QUOTA_FILE_BYTES'])

const defaults: Limits = {
  ...(config.QUOTA_STORED_BYTES && { storedBytes: config.QUOTA_STORED_BYTES }),
  ...(config.QUOTA_JOBS && { jobs: config.QUOTA_JOBS }),
  ...(config.QUOTA_FILE_BYTES && { fileBytes: config.QUOTA_FILE_BYTES }),
}

/** The limits that hold for an account, the default ones where there is none. */
export async function limitsFor(userId: string): Promise<Limits> {
  const records = await platform().records()
  const { data: user } = await records.get(users, userId)
  return limitsOf(defaults, user?.quota)
}

/** Later than any job. */
const never = new Date('9999-01-01')

/** The bytes that are stored, or on their way, for the owner's jobs; for those only that were begun before a time. */
export async function usedBytes(owner: string, before = never): Promise<number> {
  const records = await platform().records()
  const begunBefore = { field: 'createdAt', is: '<', value: before } as const
  return records.sum(
    { collection: jobs, where: [{ field: 'owner', is: '==', value: owner }, begunBefore] },
    'storedBytes',
  )
}

/** How many of the owner's jobs are not over; of those only that were begun before a time. */
export async function unfinishedJobs(owner: string, before = never): Promise<number> {
  const records = await platform().records()
  return records.count({
    collection: jobs,
    where: [
      { field: 'owner', is: '==', value: owner },
      { field: 'active', is: '==', value: true },
      { field: 'createdAt', is: '<', value: before },
    ],
  })
}
