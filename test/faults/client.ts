import { setTimeout as delay } from 'node:timers/promises'
import { createApi } from '../../cli/api.ts'
import { uploadResumably } from '../../cli/resumable-upload.ts'
import { Client } from '../client.ts'
import type { Disk } from './disk.ts'
import type { Host } from './host.ts'
import type { Random } from '../random.ts'
import type { Source } from './sources.ts'

/** A job whose file the server has said to have. */
export interface Accepted {
  id: string
  filename: string
  source: Source
  deleted: boolean
  /** Downloads: how many were asked for, and of how many the URL came and the server had room to write it down. */
  asked: number
  answered: number
}

/** Longer than a server takes to start, and a disk is full. */
const mostPatienceMs = 120_000

/** People who upload, download and delete, and try again until they are answered. */
export function people(host: Host, disk: Disk | undefined, random: Random, signal: AbortSignal) {
  const accepted: Accepted[] = []
  let files = 0

  /** Asks again, as long as what happens to servers can be what has failed. */
  async function until<T>(ask: () => Promise<T>): Promise<T> {
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

  async function byForm(filename: string, { bytes }: Source): Promise<string> {
    return until(async () => (await new Client(host.server()).upload({ filename, bytes })).id)
  }

  async function bySession(filename: string, { path, bytes }: Source): Promise<string> {
    return until(async () => {
      const { apiUrl, token } = host.server()
      const api = createApi(apiUrl, { token }, signal)
      const size = bytes.length
      const { job, uploadUrl } = await api.openUploadSession({ filename, size, options: {} }, () => undefined)
      const pause = (): Promise<void> => delay(200)
      await uploadResumably({ path, size, uploadUrl, signal, onProgress: () => undefined, wait: pause })
      return job.id
    })
  }

  return {
    accepted,
    async upload(source: Source): Promise<void> {
      const filename = `${source.name} ${++files}`
      const id = await (random.chance(0.5) ? byForm : bySession)(filename, source)
      accepted.push({ id, filename, source, deleted: false, asked: 0, answered: 0 })
    },
    async download(): Promise<void> {
      const [first, ...others] = accepted
      if (!first) return
      const job = random.oneOf([first, ...others])
      job.asked++
      const wasFull = disk?.isFull
      const { status } = await new Client(host.server()).fetch(`/download/${job.id}?format=json`)
      if (status === 200 && !wasFull && !disk?.isFull) job.answered++
      // Nothing was asked of a file that is not there yet.
      if (status >= 400 && status < 500) job.asked--
    },
    async remove(): Promise<void> {
      const [first, ...others] = accepted.filter(({ deleted }) => !deleted)
      if (!first) return
      const job = random.oneOf([first, ...others])
      job.deleted = true
      await until(async () => {
        const { status } = await new Client(host.server()).fetch(`/status/${job.id}`, { method: 'DELETE' })
        if (status !== 204 && status !== 404) throw new Error(`A deletion was answered with ${status}.`)
      })
    },
  }
}

export type People = ReturnType<typeof people>
