import { createApi, type Api } from '../api/api.ts'
import { guardLeaving } from './leaving.ts'
import { createLiveJobs, type LiveJobs } from '../jobs/live-jobs.ts'
import { openSession, type Session } from './session.ts'
import { createUploads, isUnderWay, type Uploads } from '../uploads/uploads.ts'

/** Everything behind the page. */
export interface Tapedeck {
  api: Api
  session: Session
  jobs: LiveJobs
  uploads: Uploads
}

/** Opens the session and keeps jobs and uploads in step with it and with each other. */
export function openTapedeck(apiUrl: string): Tapedeck {
  const session = openSession()
  const api = createApi(apiUrl, session)
  const jobs = createLiveJobs(api)
  const uploads = createUploads(api, (job) => jobs.apply(job))

  let followed: { token: string; stop: () => void } | undefined
  function followSession(): void {
    const { token, reason } = session.state.get()
    if (token === followed?.token) return
    followed?.stop()
    followed = token === undefined ? undefined : { token, stop: jobs.start() }
    // Whoever signs out wants nothing to go on; whose token ran out may sign in and try again.
    if (token === undefined && reason === undefined) uploads.cancelAll()
  }

  /** An upload gives way to its job once that has moved on, and ends if that is deleted. */
  function settleUploads(): void {
    const { list } = jobs.state.get()
    for (const { id, jobId, state } of uploads.state.get()) {
      if (jobId === undefined) continue
      const status = list.jobs.get(jobId)?.status
      const hasArrived = state.phase === 'sent' && status !== undefined && status !== 'UPLOADING'
      if (hasArrived || list.deleted.has(jobId)) uploads.cancel(id)
    }
  }

  followSession()
  session.state.subscribe(followSession)
  jobs.state.subscribe(settleUploads)
  uploads.state.subscribe(settleUploads)
  guardLeaving(() => uploads.state.get().some(isUnderWay))
  return { api, session, jobs, uploads }
}
