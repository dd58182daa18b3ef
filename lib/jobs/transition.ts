import { serverTime, type Writable } from '../server-time.ts'
import { uploadSeconds } from './begin.ts'
import { enter, eventSeconds, later, touch } from './change.ts'
import { TransitionError, type JobEvent } from './event.ts'
import {
  isFinal,
  isRunning,
  type Actor,
  type Job,
  type JobStatus,
  type Media,
  type OwedMessage,
} from './job.ts'

const minute = 60
const outboxSeconds = minute
/** Longer than an upload session lives and an event is retried: whatever comes late finds the job deleted. */
const tombstoneSeconds = 8 * 24 * 60 * minute
export const maxAttempts = 5

const allowedOnDeleted: JobEvent['type'][] = ['deleted', 'published', 'purgeDelayed', 'purged']

/**
 * What the job becomes when this happens to it: the only way in which a job changes. `now` is the store's clock.
 * Returns the same object when the event has happened already; throws TransitionError when it cannot happen.
 */
export function transition(job: Job, event: JobEvent, now: Date): Writable<Job> {
  if (job.status === 'DELETED' && !allowedOnDeleted.includes(event.type)) {
    throw new TransitionError('deleted', 'The job was deleted.')
  }
  switch (event.type) {
    case 'uploaded':
      // Given up for lost, an upload may come in all the same.
      if (job.status !== 'UPLOADING' && job.error?.code !== 'UPLOAD_ABANDONED') return job
      return enter(
        without(
          { ...job, source: event.source, size: event.source.size, dueAt: later(now, eventSeconds) },
          'error',
          'expiresAt',
          'uploadSession',
        ),
        'ENQUEUED',
        event.actor,
      )
    case 'stillComing':
      if (job.status !== 'UPLOADING') return job
      return touch({ ...job, dueAt: later(now, uploadSeconds.form) })
    case 'claimed':
      return claim(job, event, now)
    case 'renewed':
      heldBy(job, event)
      return touch({
        ...job,
        progress: event.progress,
        claim: { ...held(job), renewedAt: serverTime() },
        dueAt: later(now, event.leaseSeconds),
      })
    case 'remuxed':
      heldBy(job, event)
      if (job.status !== 'NEED_CONVERT') return job
      return enter({ ...job, video: event.video, progress: 0 }, 'NO_NEED_CONVERT', event.actor)
    case 'encoding':
      heldBy(job, event)
      if (job.status === 'CREATING_MP3') return job
      expectStatus(job, event, ['NO_NEED_CONVERT'])
      return encode(job, event.media, event.actor)
    case 'completed':
      return complete(job, event, now)
    case 'failed':
      return fail(job, event, now)
    case 'handedBack':
      return handBack(job, event, now)
    case 'driven':
      expectStatus(job, event, ['ENQUEUED'])
      return touch({
        ...job,
        outbox: [...owedBeside(job, 'work'), work(job)],
        dueAt: later(now, eventSeconds),
      })
    case 'published':
      return payOff(job, event.messages, now)
    case 'retried':
      if (job.status === 'ENQUEUED') return job
      expectStatus(job, event, ['FAILED'])
      if (job.sourceGone) throw new TransitionError('illegal', 'Its source is not stored any more.')
      return retry(job, event.actor, now)
    case 'sourceExpired':
      if (job.sourceGone) return job
      expectStatus(job, event, ['MP3_COMPLETED', 'FAILED'])
      return touch(expireSource(job, now))
    case 'deleted':
      if (job.status === 'DELETED') return job
      return enter({ ...job, outbox: [{ topic: 'sweep', data: {} }], dueAt: now }, 'DELETED', event.actor)
    case 'moved':
      return moved(job, event)
    case 'purgeDelayed':
      if (job.purgeAt) return job
      expectStatus(job, event, ['DELETED'])
      return touch(without({ ...job, outbox: [], dueAt: later(now, event.leaseSeconds) }, 'claim'))
    case 'purged':
      if (job.purgeAt) return job
      expectStatus(job, event, ['DELETED'])
      return touch(
        without(
          { ...job, outbox: [], purgeAt: later(now, tombstoneSeconds) },
          'dueAt',
          'claim',
          'uploadSession',
        ),
      )
  }
}

type Event<T extends JobEvent['type']> = Extract<JobEvent, { type: T }>

function claim(job: Job, event: Event<'claimed'>, now: Date): Writable<Job> {
  if (job.claim?.instance === event.actor.instance && job.attempt === event.attempt) return job
  if (job.attempt !== event.attempt) throw new TransitionError('stale', `Attempt ${event.attempt} is over.`)
  if (isRunning(job.status)) throw new TransitionError('claimed', `The job is ${job.status} already.`)
  expectStatus(job, event, ['ENQUEUED'])
  const claimed: Writable<Job> = {
    ...job,
    progress: 0,
    outbox: owedBeside(job, 'work'),
    claim: { instance: event.actor.instance, attempt: event.attempt, renewedAt: serverTime() },
    dueAt: later(now, event.leaseSeconds),
  }
  if (event.isAvi) return enter(claimed, 'NEED_CONVERT', event.actor)
  const ready = enter(claimed, 'NO_NEED_CONVERT', event.actor)
  return event.media ? encode(ready, event.media, event.actor) : ready
}

const encode = (job: Writable<Job>, media: Media, actor: Actor): Writable<Job> =>
  enter({ ...job, media, progress: 0 }, 'CREATING_MP3', actor)

function complete(job: Job, event: Event<'completed'>, now: Date): Writable<Job> {
  if (job.status === 'MP3_COMPLETED' && job.target?.generation === event.target.generation) return job
  heldBy(job, event)
  expectStatus(job, event, ['CREATING_MP3'])
  const done = { ...job, target: event.target, warnings: event.warnings, progress: 1 }
  return end(done, 'MP3_COMPLETED', event, now)
}

function fail(job: Job, event: Event<'failed'>, now: Date): Writable<Job> {
  if (job.status === 'FAILED' && job.attempt === event.attempt) return job
  if (job.attempt !== event.attempt) throw new TransitionError('stale', `Attempt ${event.attempt} is over.`)
  notSomebodyElses(job, event.actor)
  if (isFinal(job.status)) throw new TransitionError('illegal', `A job that is ${job.status} cannot fail.`)
  const { code, message } = event
  const failed = { ...job, error: { code, message }, ...(code === 'SOURCE_GONE' && { sourceGone: true }) }
  return end(failed, 'FAILED', event, now)
}

/** The job's present worker gives up its claim, or has lost it: the next attempt begins, unless there were too many. */
function handBack(job: Job, event: Event<'handedBack'>, now: Date): Writable<Job> {
  // An attempt may fail before it could claim the job.
  if (job.status !== 'ENQUEUED' || job.attempt !== event.attempt) heldBy(job, event)
  if (!event.leaseOver) notSomebodyElses(job, event.actor)
  if (!event.uncounted && job.attempt - job.firstAttempt + 1 >= maxAttempts) {
    const message = `The conversion was tried ${maxAttempts} times and never came to an end. Retry it; if that fails too, the server lacks time or memory for this file.`
    return end({ ...job, error: { code: 'GAVE_UP', message } }, 'FAILED', event, now)
  }
  const firstAttempt = job.firstAttempt + (event.uncounted ? 1 : 0)
  const next = { ...job, attempt: job.attempt + 1, firstAttempt, progress: 0 }
  const paused = event.pauseSeconds
  const driven = paused
    ? { ...next, outbox: owedBeside(job, 'work'), dueAt: later(now, paused) }
    : { ...next, outbox: [...owedBeside(job, 'work'), work(next)], dueAt: later(now, outboxSeconds) }
  return enter(without(driven, 'claim'), 'ENQUEUED', event.actor)
}

function retry(job: Job, actor: Actor, now: Date): Writable<Job> {
  const attempt = job.attempt + 1
  const next = {
    ...job,
    attempt,
    firstAttempt: attempt,
    progress: 0,
    warnings: [],
    dueAt: later(now, outboxSeconds),
  }
  const outbox = [...owedBeside(job, 'work'), work(next)]
  return enter(without({ ...next, outbox }, 'error', 'expiresAt'), 'ENQUEUED', actor)
}

/** An end that its owner is to be told of; from it runs the time that the source is kept. */
function end(
  job: Writable<Job>,
  status: 'MP3_COMPLETED' | 'FAILED',
  event: { actor: Actor; sourceDays: number },
  now: Date,
): Writable<Job> {
  const ended: Writable<Job> = {
    ...job,
    outbox: [{ topic: 'finished', data: {} }],
    expiresAt: later(now, event.sourceDays * 24 * 60 * minute),
    dueAt: later(now, outboxSeconds),
  }
  return enter(without(ended, 'claim'), status, event.actor)
}

/** These messages are not owed any more. Where nothing else is, what is still to come says when to look again. */
function payOff(job: Job, messages: readonly OwedMessage[], now: Date): Writable<Job> {
  const outbox = job.outbox.filter((owed) => !messages.some((message) => isSame(message, owed)))
  if (outbox.length === job.outbox.length) return job
  const paid = touch({ ...job, outbox })
  if (outbox.length > 0) return paid
  if (job.status === 'ENQUEUED') return { ...paid, dueAt: later(now, eventSeconds) }
  const ended = job.status === 'MP3_COMPLETED' || job.status === 'FAILED'
  if (!ended || !job.expiresAt) return paid
  return job.sourceGone ? without(paid, 'dueAt') : { ...paid, dueAt: job.expiresAt }
}

/** A file that the job does not have any more, or has in that generation already, is no mistake. */
function moved(job: Job, { file, generation }: Event<'moved'>): Writable<Job> {
  const { target, video } = job
  if (file === 'target')
    return target && target.generation !== generation
      ? touch({ ...job, target: { ...target, generation } })
      : job
  if (!video || !('generation' in video) || video.generation === generation) return job
  return touch({ ...job, video: { ...video, generation } })
}

/** Without its source an ended job has nothing to wait for, but what it may still owe. */
function expireSource(job: Job, now: Date): Writable<Job> {
  const gone = { ...job, sourceGone: true }
  return job.outbox.length > 0 ? { ...gone, dueAt: later(now, outboxSeconds) } : without(gone, 'dueAt')
}

function notSomebodyElses({ claim }: Job, { instance }: Actor): void {
  if (claim && claim.instance !== instance)
    throw new TransitionError('claimed', 'Somebody else holds the job.')
}

function heldBy(job: Job, event: { attempt: number; type: string }): void {
  if (job.attempt !== event.attempt) throw new TransitionError('stale', `Attempt ${event.attempt} is over.`)
  if (!isRunning(job.status)) {
    throw new TransitionError('illegal', `A job that is ${job.status} cannot be ${event.type}.`)
  }
}

function held(job: Job): NonNullable<Job['claim']> {
  if (!job.claim) throw new TransitionError('illegal', 'Nobody holds this job.')
  return job.claim
}

function expectStatus(job: Job, event: { type: string }, statuses: JobStatus[]): void {
  if (statuses.includes(job.status)) return
  throw new TransitionError(
    'illegal',
    `A job that is ${job.status} cannot be ${event.type}: it would have to be ${statuses.join(' or ')}.`,
  )
}

const isSame = (one: OwedMessage, other: OwedMessage): boolean =>
  one.topic === other.topic && one.data['attempt'] === other.data['attempt']

const owedBeside = (job: Job, topic: OwedMessage['topic']): OwedMessage[] =>
  job.outbox.filter((message) => message.topic !== topic)

const work = (job: Writable<Job>): OwedMessage => ({ topic: 'work', data: { attempt: String(job.attempt) } })

function without(
  job: Writable<Job>,
  ...fields: ('claim' | 'dueAt' | 'error' | 'expiresAt' | 'uploadSession')[]
): Writable<Job> {
  const rest = { ...job }
  for (const field of fields) delete rest[field]
  return rest
}
