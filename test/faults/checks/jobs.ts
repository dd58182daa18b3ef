import { maxAttempts } from '../../../lib/jobs/transition.ts'
import type { Job } from '../../../lib/jobs/job.ts'
import { mp3Name, mp4Name } from '../../../lib/jobs/names.ts'
import type { Evidence, Notes } from '../evidence.ts'
import type { Entry } from '../journal.ts'
import { framesOf } from '../frames.ts'
import type { Source } from '../sources.ts'

/**
 * Such a share of jobs may be given up. On a busy machine one attempt in five was lost, by which five in a row are one job in some
 * thousands; a long file is hit by kill after kill, though, and of 58 jobs one was given up.
 */
const mostGivenUp = 0.1
/** An attempt may also be lost because the machine was too busy for its lease to be renewed; not most of them. */
const leastFaults = Math.ceil(maxAttempts / 2)

/** Every job has come to the end that its file comes to without faults, or was given up for many of them. */
export function checkJobs(evidence: Evidence, { count, say }: Notes): void {
  const { accepted, stored, listed } = evidence
  const acceptedIds = new Set(accepted.map(({ id }) => id))
  const deletedIds = new Set(accepted.flatMap(({ id, deleted }) => (deleted ? id : [])))
  for (const { id, filename } of accepted)
    if (!stored.jobs.has(id)) say(`${filename} (${id}): it was accepted, and is not there`)
  let [over, givenUp] = [0, 0]
  for (const [id, job] of stored.jobs) {
    const complain = (what: string): void => say(`${job.filename} (${id}): ${what}`)
    const isDeleted = job.status === 'DELETED'
    if (!isDeleted && deletedIds.has(id)) complain(`it was deleted, and is ${job.status}`)
    // A form that breaks off takes its job with it; nobody was told of that one.
    if (isDeleted && acceptedIds.has(id) && !deletedIds.has(id))
      complain('it is deleted, and nobody did that')
    if (listed.has(id) === isDeleted) complain(isDeleted ? 'it is deleted, and listed' : 'it is not listed')
    count(job.error ? `failed: ${job.error.code}` : names[job.status])
    if (isDeleted) continue
    over++
    if (job.attempt > 1) count('attempts that were lost', job.attempt - 1)
    if (job.error?.code === 'GAVE_UP') givenUp++
    const source = evidence.sources.find(({ name }) => name === /^(.*) [\d.]+$/.exec(job.filename)?.[1])
    if (!source) complain('nobody has uploaded such a file')
    else if (job.status === 'MP3_COMPLETED') checkFiles(id, job, source, evidence, complain)
    else if (job.status === 'FAILED')
      checkFailure({ id, job, source, evidence, complain }, acceptedIds.has(id))
    else if (acceptedIds.has(id)) complain(`it is ${job.status}`)
  }
  if (givenUp > Math.max(1, mostGivenUp * over)) say(`${givenUp} of ${over} jobs were given up`)
}

const names: Record<Job['status'], string> = {
  UPLOADING: 'never uploaded: its client knows of no job',
  ENQUEUED: 'not over',
  NEED_CONVERT: 'not over',
  NO_NEED_CONVERT: 'not over',
  CREATING_MP3: 'not over',
  MP3_COMPLETED: 'completed',
  FAILED: 'failed without a reason',
  DELETED: 'deleted',
}

function checkFiles(
  id: string,
  { video }: Job,
  { becomes }: Pick<Source, 'becomes'>,
  { files }: Evidence,
  complain: (what: string) => void,
): void {
  if ('code' in becomes) return complain(`it was completed, and should fail with ${becomes.code}`)
  const [mp3, mp4] = [files.get(mp3Name(id)), files.get(mp4Name(id))]
  if (!mp3) complain('its MP3 cannot be had')
  else if (!framesOf(mp3).equals(becomes.frames)) complain('its MP3 is another one than without faults')
  if (video && 'skipped' in video) complain(`it has no MP4: ${video.skipped}`)
  else if (Boolean(mp4) !== Boolean(becomes.mp4))
    complain(mp4 ? 'it has an MP4, and should have none' : 'its MP4 cannot be had')
  else if (mp4 && becomes.mp4 && !mp4.equals(becomes.mp4))
    complain('its MP4 is another one than without faults')
}

interface Failure {
  id: string
  job: Job
  source: Pick<Source, 'becomes'>
  evidence: Evidence
  complain: (what: string) => void
}

function checkFailure(
  { id, job: { error, timeline, createdAt }, source: { becomes }, evidence, complain }: Failure,
  isAccepted: boolean,
): void {
  if (!error?.code || !error.message) return complain('it has failed without a reason')
  if ('code' in becomes && becomes.code === error.code) return
  if (error.code === 'UPLOAD_ABANDONED' && !isAccepted) return
  if (error.code !== 'GAVE_UP') return complain(`it has failed with ${error.code}: ${error.message}`)
  const end = Math.max(...Object.values(timeline).map(({ at }) => at.getTime()))
  const met = faultsMet(id, evidence.journal, createdAt.getTime(), end)
  if (met < leastFaults) complain(`it was given up, and met ${met} faults`)
}

/** How many faults a job has met: those of its own objects, and those by which all may fail. */
const faultsMet = (id: string, journal: readonly Entry[], from: number, to: number): number =>
  journal.filter(
    (entry) =>
      entry.what === 'fault' &&
      (entry.job === id || (entry.hitsAll === true && entry.at >= from && entry.at <= to)),
  ).length
