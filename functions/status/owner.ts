import * as z from 'zod'
import type { User } from '../../lib/http/router.ts'
import type { Job } from '../../lib/jobs/job.ts'
import type { Query } from '../../platform/ports.ts'

type Conditions = NonNullable<Query<Job>['where']>

/** The `owner` of a query: an administrator who sends it is asking for their own jobs alone. */
export const owner = z.literal('me', { error: 'must be me' }).optional()

/** Whose jobs a user is asking for: everybody's, of an administrator who does not say otherwise. */
export const ownedBy = (user: User, asked: z.infer<typeof owner>): Conditions =>
  user.role === 'admin' && asked === undefined ? [] : [{ field: 'owner', is: '==', value: user.id }]
