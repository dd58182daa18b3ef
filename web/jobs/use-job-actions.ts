import { useState } from 'preact/hooks'
import { ApiError } from '../api/errors.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { openAttachment } from '../app/leaving.ts'
import type { Tapedeck } from '../app/tapedeck.ts'

type Action = 'download' | 'retry' | 'delete'

/** What can be done with a job: one thing at a time, and why the last one was refused. */
export function useJobActions({ id }: JobView, { api, jobs }: Tapedeck) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const forget = (): void => jobs.apply({ id, status: 'DELETED', updatedAt: new Date().toISOString() })

  const actions: Record<Action, () => Promise<void>> = {
    download: async () => openAttachment((await api.downloadUrl(id)).url),
    retry: async () => jobs.apply(await api.retryJob(id)),
    async delete() {
      await api.deleteJob(id)
      forget()
      // The focus was on what is gone now.
      document.querySelector<HTMLElement>('#files')?.focus()
    },
  }

  async function act(action: Action): Promise<void> {
    setBusy(true)
    setError(undefined)
    try {
      await actions[action]()
    } catch (failure) {
      // Somebody else has deleted it.
      if (failure instanceof ApiError && failure.status === 404) forget()
      setError(failure)
    }
    setBusy(false)
  }
  return { run: (action: Action) => void act(action), isBusy, error }
}
