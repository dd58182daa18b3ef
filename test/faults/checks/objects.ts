import type { Job } from '../../../lib/jobs/job.ts'
import { filesOf } from '../../../lib/tiers/tiered-object.ts'
import type { Evidence, Notes } from '../evidence.ts'
import { jobOf } from '../names.ts'
import type { StoredObject } from '../stored.ts'

/** What the records say is stored, is; and nothing else is. The same of objects and their files. */
export function checkObjects({ stored }: Evidence, { count, say }: Notes): void {
  const objects = new Map(stored.objects.map((object) => [object.name, object]))
  count('objects', objects.size)
  for (const name of objects.keys()) {
    const job = stored.jobs.get(jobOf(name) ?? '')
    if (!job || job.status === 'DELETED') say(`${name} belongs to no job`)
    else if (name.startsWith('parts/')) say(`${name} was left over by a job that is ${job.status}`)
  }
  const wanted = [...stored.jobs.values()].flatMap(storedBy)
  for (const { name, generation, size } of wanted) {
    const found = objects.get(name)
    if (!found) say(`${name} is in a job's record, and not stored`)
    else if (found.generation !== generation || found.size !== size)
      say(
        `${name} has generation ${found.generation} and ${found.size} bytes; its job says ${generation} and ${size}`,
      )
  }
  const live = [...stored.jobs.values()].filter(({ status }) => status !== 'DELETED')
  const tiered = new Set(live.flatMap((job) => filesOf(job)).map(({ name }) => name))
  const known = new Set(stored.tieredObjects.keys())
  for (const name of tiered.difference(known)) say(`${name} is in no storage tier`)
  for (const name of known.difference(tiered)) say(`${name} is in a storage tier, and no job has it`)
  if (stored.files) checkFiles(stored.objects, stored.uploads, stored.files, say)
}

function storedBy(job: Job): Omit<StoredObject, 'bucket'>[] {
  if (job.status === 'DELETED') return []
  const { name, generation, size } = job.source
  const hasSource = !job.sourceGone && generation !== undefined && size !== undefined
  return [...filesOf(job), ...(hasSource ? [{ name, generation, size }] : [])]
}

function checkFiles(
  objects: readonly StoredObject[],
  uploads: readonly string[],
  files: ReadonlyMap<string, number>,
  say: Notes['say'],
): void {
  for (const { name, file = '', size } of objects) {
    const found = files.get(file)
    if (found === undefined) say(`${name} has no file`)
    else if (found !== size) say(`${name} has ${size} bytes, and its file ${found}`)
  }
  const known = new Set([...objects.map(({ file }) => file), ...uploads])
  for (const file of files.keys()) if (!known.has(file)) say(`no object has the file ${file}`)
}
