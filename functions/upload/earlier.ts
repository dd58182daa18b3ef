import type { IncomingMessage } from 'node:http'
import { idempotencyKey } from '../../lib/http/idempotency-key.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { keyedJobId, newJobId } from '../../lib/jobs/names.ts'
import { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'

/** The job that a request is to make. */
export interface Asked {
  id: string
  /** What it is now, where another request with the same Idempotency-Key has made it. */
  earlier: Job | undefined
}

export async function askedFor(req: IncomingMessage, owner: string): Promise<Asked> {
  const key = idempotencyKey(req)
  if (key === undefined) return { id: newJobId(), earlier: undefined }
  const id = keyedJobId(owner, key)
  const records = await platform().records()
  const { data: earlier } = await records.get(jobs, id)
  return { id, earlier }
}

/** Whether a job has its video. */
export const hasArrived = ({ source }: Job): boolean => source.generation !== undefined

type Described = Pick<Job, 'filename' | 'options'> & { size?: number }

/**
 * Throws UNPROCESSABLE where the earlier request with this key has asked for something else; CONFLICT where its job is deleted, of
 * which nothing can come any more.
 */
export function expectSame({ status, filename, size, options }: Job, asked: Described): void {
  if (status === 'DELETED')
    throw new Problem('CONFLICT', 'The job of this Idempotency-Key is deleted; take another key.')
  const isSame =
    filename === asked.filename &&
    size === (asked.size ?? size) &&
    options.bitrate === asked.options.bitrate &&
    options.quality === asked.options.quality
  if (isSame) return
  const detail = `was used for another upload, of ${JSON.stringify(filename)}; take another key`
  const errors = [{ field: 'Idempotency-Key', detail }]
  throw new Problem('UNPROCESSABLE', `Idempotency-Key: ${detail}`, { errors })
}
