import { checkAccesses } from './checks/accesses.ts'
import { checkJobs } from './checks/jobs.ts'
import { checkMails } from './checks/mails.ts'
import { checkObjects } from './checks/objects.ts'
import type { Check, Evidence } from './evidence.ts'

/** What came of everything, and each thing that must not be: none where all is well. */
export interface Found {
  counts: Record<string, number>
  wrong: string[]
}

const checks: Check[] = [checkJobs, checkAccesses, checkMails, checkObjects]

/** Looks at all that is there once nothing is to come any more. */
export function check(evidence: Evidence): Found {
  const wrong = evidence.missing.map((what) => `still to come: ${what}`)
  const counts: Record<string, number> = {}
  const count = (what: string, by = 1): void => void (counts[what] = (counts[what] ?? 0) + by)
  for (const each of checks) each(evidence, { count, say: (what) => void wrong.push(what) })
  // A run in which none of this happened has shown nothing.
  for (const what of ['completed', 'mails', 'accesses'])
    if (!counts[what]) wrong.push(`nothing was found of this: ${what}`)
  return { counts, wrong }
}
