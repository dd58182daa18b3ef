import { createApi, type Api } from '../api/api.ts'
import { BulkRun } from '../jobs/bulk-run.ts'
import { LiveJobs } from '../jobs/live-jobs.ts'
import type { Store } from '../store.ts'
import { Uploads } from '../uploads/queue.ts'
import { onAddedElsewhere } from '../uploads/tabs.ts'
import { isGoing } from '../uploads/upload.ts'
import { followAccount, type Account } from './account.ts'
import { guardLeaving } from './leaving.ts'
import { keepRenewing } from './renewal.ts'
import { openSession, type Session } from './session.ts'

/** Everything behind the page. */
export interface Tapedeck {
  api: Api
  session: Session
  account: Store<Account | undefined>
  jobs: LiveJobs
  bulk: BulkRun
  uploads: Uploads
}

/** Opens the session and keeps account, jobs and uploads in step with it and with each other. */
export function openTapedeck(apiUrl: string): Tapedeck {
  const session = openSession()
  const api = createApi(apiUrl, session)
  const account = followAccount(api, session)
  const jobs = new LiveJobs(api, () => account.get()?.id)
  const bulk = new BulkRun(jobs)
  const uploads = new Uploads(api, {
    onJob: (job) => jobs.apply(job),
    // Whose files they are, while that account is signed in.
    owner: () => (session.state.get().token === undefined ? undefined : account.get()?.id),
    mostBytes: () => account.get()?.quota.fileBytes,
  })

  let owner: string | undefined
  let stop: (() => void) | undefined
  function followSession(): void {
    const { token, owner: now } = session.state.get()
    const isSame = now === owner
    // Whoever signs out wants nothing to go on, and what one account has begun does not go on for another.
    if (!isSame) {
      uploads.leave()
      bulk.leave()
    }
    // The address may name a job of the former one's.
    if (!isSame && owner !== undefined && now !== undefined) location.replace('#')
    owner = now
    const isFollowed = stop !== undefined
    if (isSame && isFollowed === (token !== undefined)) return
    stop?.()
    stop = token === undefined ? undefined : jobs.start(isSame)
  }

  function goOn(): void {
    const id = account.get()?.id
    if (id === undefined) return
    uploads.wake()
    void uploads.restore(id)
  }

  const settle = (): void => settleUploads(jobs, uploads)
  followSession()
  session.state.subscribe(followSession)
  account.subscribe(goOn)
  keepRenewing(session, api.renewToken)
  onAddedElsewhere(() => {
    const id = account.get()?.id
    if (id !== undefined) void uploads.restore(id)
  })
  jobs.state.subscribe(settle)
  uploads.state.subscribe(settle)
  guardLeaving(() => uploads.state.get().uploads.some(isGoing))
  return { api, session, account, jobs, bulk, uploads }
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
