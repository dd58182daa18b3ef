import type { Answer } from '../../lib/http/answer.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { limitsFor, unfinishedJobs, usedBytes } from '../shared/quota.ts'

/** Who calls, the limits that hold for the account, and how much of them is used. */
export async function me({ user }: UserCall): Promise<Answer> {
  const [quota, storedBytes, jobs] = await Promise.all([
    limitsFor(user.id),
    usedBytes(user.id),
    unfinishedJobs(user.id),
  ])
  return { status: 200, body: { ...user, quota, usage: { storedBytes, jobs } } }
}
