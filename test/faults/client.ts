import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createApi } from '../../cli/api.ts'
import { uploadResumably } from '../../cli/resumable-upload.ts'
import { mp3Name, mp4Name } from '../../lib/jobs/names.ts'
import { Client } from '../client.ts'
import type { Random } from '../random.ts'
import type { Host } from './host.ts'
import { requestHeader } from './noted-accesses.ts'
import { picked, type Step } from './plan.ts'

/** A job whose file the server has said to have. */
export interface Accepted {
  id: string
  filename: string
  deleted: boolean
}

/** Somebody has asked for a file. */
export interface Request {
  /** By which the server notes the access. */
  id: string
  object: string
  /** Of the answer; none where it was lost. */
  status?: number
}

/** Longer than a server takes to start, and a disk is full. */
const mostPatienceMs = 120_000

export type People = ReturnType<typeof openPeople>

/** People who upload, download and delete, and try again until they are answered. */
export function openPeople(host: Host, signal: AbortSignal) {
  const accepted: Accepted[] = []
  const requests: Request[] = []

  /** Asks again, as long as what happens to servers can be what has failed. */
  async function until<T>(ask: () => Promise<T>, random: Random): Promise<T> {
    const patience = AbortSignal.timeout(mostPatienceMs)
    for (;;) {
      signal.throwIfAborted()
      try {
        return await ask()
      } catch (error) {
        if (patience.aborted) throw error
      }
      await delay(random.between(50, 400))
    }
  }

  async function byForm({ filename, source: { bytes } }: Step): Promise<string> {
    return (await new Client(host.server()).upload({ filename, bytes })).id
  }

  async function bySession({ filename, source: { path, bytes } }: Step): Promise<string> {
    const { apiUrl, token } = host.server()
    const api = createApi(apiUrl, { token }, signal)
    const size = bytes.length
    const { job, uploadUrl } = await api.openUploadSession({ filename, size, options: {} }, () => undefined)
    const pause = (): Promise<void> => delay(200)
    await uploadResumably({ path, size, uploadUrl, signal, onProgress: () => undefined, wait: pause })
    return job.id
  }

  async function remove(job: Accepted, random: Random): Promise<void> {
    job.deleted = true
    await until(async () => {
      const { status } = await new Client(host.server()).fetch(`/status/${job.id}`, { method: 'DELETE' })
      if (status !== 204 && status !== 404) throw new Error(`A deletion was answered with ${status}.`)
    }, random)
  }

  /** Where a file may be had; undefined where there is none, or the answer was lost. */
  async function askFor(jobId: string, kind: 'mp3' | 'mp4'): Promise<string | undefined> {
    const request: Request = { id: randomUUID(), object: kind === 'mp3' ? mp3Name(jobId) : mp4Name(jobId) }
    requests.push(request)
    const path = `/download/${jobId}${kind === 'mp3' ? '' : '/video'}?format=json`
    const response = await new Client(host.server()).fetch(path, { headers: { [requestHeader]: request.id } })
    request.status = response.status
    const { url } = (await response.json()) as { url?: string }
    return url
  }

  return {
    accepted,
    requests,
    askFor,
    /** `random` is for how long to wait before asking again: as often as it takes, and so for nothing else. */
    async take(step: Step, random: Random): Promise<void> {
      const id = await until(() => (step.by === 'form' ? byForm : bySession)(step), random)
      accepted.push({ id, filename: step.filename, deleted: false })
      await delay(step.pauseMs)
      const { download, remove: removal } = step
      const wanted = download && picked(accepted, download.pick)
      if (wanted) await askFor(wanted.id, download.kind).catch(() => undefined)
      const unwanted =
        removal &&
        picked(
          accepted.filter(({ deleted }) => !deleted),
          removal.pick,
        )
      if (unwanted) await remove(unwanted, random)
    },
  }
}
