import { isGone } from '../api/errors.ts'
import { openAttachment } from '../app/leaving.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useAction } from '../app/use-action.ts'
import type { JobView } from '../../lib/jobs/view.ts'

type JobAction = 'download' | 'downloadVideo' | 'retry' | 'delete'

/** What can be done with a job: one thing at a time, and why the last one was refused. */
export function useJobActions({ id }: Pick<JobView, 'id'>, { api, jobs }: Tapedeck) {
  const { isBusy, error, run, fail } = useAction()

  const actions: Record<JobAction, () => Promise<void>> = {
    download: async () => openAttachment((await api.downloadUrl(id)).url, fail),
    downloadVideo: async () => openAttachment((await api.videoUrl(id)).url, fail),
    retry: () => jobs.retry(id),
    delete: () => jobs.delete(id),
  }

  async function act(action: JobAction): Promise<void> {
    try {
      await actions[action]()
    } catch (failure) {
      if (isGone(failure)) jobs.forget(id)
      throw failure
    }
  }
  return { run: (action: JobAction) => void run(() => act(action)), isBusy, error }
}
