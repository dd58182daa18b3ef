import { createApi, type Api } from '../api/api.ts'
import { LiveJobs } from '../jobs/live-jobs.ts'
import type { Store } from '../store.ts'
import { Uploads } from '../uploads/queue.ts'
import { onAddedElsewhere } from '../uploads/tabs.ts'
import { isGoing } from '../uploads/upload.ts'
import { followAccount, type Account } from './account.ts'
import { guardLeaving } from './leaving.ts'
import { openSession, type Session } from './session.ts'

/** Everything behind the page. */
export interface Tapedeck {
  api: Api
  session: Session
  account: Store<Account | undefined>
  jobs: LiveJobs
  uploads: Uploads
}

/** Opens the session and keeps account, jobs and uploads in step with it and with each other. */
export function openTapedeck(apiUrl: string): Tapedeck {
  const session = openSession()
  const api = createApi(apiUrl, session)
  const account = followAccount(api, session)
  const jobs = new LiveJobs(api)
  const uploads = new Uploads(api, {
    onJob: (job) => jobs.apply(job),
    owner: () => account.get()?.id,
    mostBytes: () => account.get()?.quota.fileBytes,
  })

  let followed: { token: string; stop: () => void } | undefined
  function followSession(): void {
    const { token, reason } = session.state.get()
    if (token === followed?.token) return
    followed?.stop()
    followed = token === undefined ? undefined : { token, stop: jobs.start() }
    // Whoever signs out wants nothing to go on; whose token ran out may sign in and go on.
    if (token === undefined && reason === undefined) uploads.leave()
  }

  let owner: string | undefined
  function followOwner(): void {
    const id = account.get()?.id
    if (id === undefined) return
    // What one account has begun does not go on for another.
    if (owner !== undefined && id !== owner) uploads.leave()
    owner = id
    uploads.wake()
    void uploads.restore(id)
  }

  const settle = (): void => settleUploads(jobs, uploads)
  followSession()
  session.state.subscribe(followSession)
  account.subscribe(followOwner)
  onAddedElsewhere(() => {
    const id = account.get()?.id
    if (id !== undefined) void uploads.restore(id)
  })
  jobs.state.subscribe(settle)
  uploads.state.subscribe(settle)
  guardLeaving(() => uploads.state.get().uploads.some(isGoing))
  return { api, session, account, jobs, uploads }
}

/** An upload gives way to its job once that has moved on, and ends if that is deleted. */
function settleUploads(jobs: LiveJobs, uploads: Uploads): void {
  const { list } = jobs.state.get()
  for (const { id, jobId, state } of uploads.state.get().uploads) {
    if (jobId === undefined) continue
    const status = list.jobs.get(jobId)?.status
    const hasMovedOn = status !== undefined && status !== 'UPLOADING'
    const isDone = state.phase === 'sent' || state.phase === 'orphaned'
    if ((hasMovedOn && isDone) || list.deleted.has(jobId)) uploads.dismiss(id)
  }
}
