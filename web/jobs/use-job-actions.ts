import { useState } from 'preact/hooks'
import { ApiError } from '../api/errors.ts'
import { openAttachment } from '../app/leaving.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { focusHeading, focusJob } from './focus.ts'

type Action = 'download' | 'downloadVideo' | 'retry' | 'delete'

/** What can be done with a job: one thing at a time, and why the last one was refused. */
export function useJobActions({ id }: Pick<JobView, 'id'>, { api, jobs }: Tapedeck) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const actions: Record<Action, () => Promise<void>> = {
    download: async () => openAttachment((await api.downloadUrl(id)).url),
    downloadVideo: async () => openAttachment((await api.videoUrl(id)).url),
    retry: async () => jobs.apply(await api.retryJob(id)),
    async delete() {
      await api.deleteJob(id)
      jobs.forget(id)
      focusHeading()
    },
  }

  async function act(action: Action): Promise<void> {
    setBusy(true)
    setError(undefined)
    try {
      await actions[action]()
    } catch (failure) {
      // Somebody else has deleted it.
      if (failure instanceof ApiError && failure.status === 404) jobs.forget(id)
      setError(failure)
    }
    setBusy(false)
    // A button that is disabled while it acts loses it.
    focusJob(id)
  }
  return { run: (action: Action) => void act(action), isBusy, error }
}
