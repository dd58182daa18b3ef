import { backoffSeconds } from '../../lib/backoff.ts'
import { ApiError } from '../api/errors.ts'
import type { Session } from './session.ts'

/** Another tab waits no longer than this for one whose request hangs. */
const patienceMilliseconds = 30_000
/** What a timer can count. */
const longestMilliseconds = 2 ** 31 - 1

/**
 * Renews the session's token in time, by one tab at a time, for as long as somebody is signed in. Where that fails it is tried again:
 * only a refused token ends a session. `renew` gives another token for the present one.
 */
export function keepRenewing(session: Session, renew: (signal: AbortSignal) => Promise<string>): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isBusy = false
  let failures = 0
  /** The server has no other token for this one: it is used up. */
  let last: string | undefined

  function plan(seconds?: number): void {
    clearTimeout(timer)
    const { token, renewAt } = session.state.get()
    if (token === undefined || renewAt === undefined || token === last) return
    const due = seconds === undefined ? renewAt - Date.now() : seconds * 1000
    timer = setTimeout(() => void attempt(token), Math.min(due, longestMilliseconds))
  }

  async function renewOnce(token: string): Promise<void> {
    session.catchUp()
    if (session.state.get().token !== token) return
    const next = await renew(AbortSignal.timeout(patienceMilliseconds))
    // A new password, or somebody else, may have come meanwhile.
    if (session.state.get().token === token) session.begin(next)
  }

  async function attempt(token: string): Promise<void> {
    if (isBusy) return
    isBusy = true
    try {
      await alone(() => renewOnce(token))
      failures = 0
    } catch (error) {
      if (isFinal(error)) last = token
      failures += 1
    }
    isBusy = false
    plan(failures > 0 ? backoffSeconds(failures) : undefined)
  }

  const wake = (): void => plan()
  wake()
  session.state.subscribe(wake)
  // Timers stand still while a machine sleeps.
  for (const event of ['focus', 'online', 'pageshow']) addEventListener(event, wake)
  document.addEventListener('visibilitychange', wake)
}

/** Whether asking again would be answered alike. */
const isFinal = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && ![408, 429].includes(error.status)

/** Lets no two tabs do it at once, where the browser can tell; where it cannot, it does no harm. */
async function alone(work: () => Promise<void>): Promise<void> {
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return work()
  try {
    await locks.request('tapedeck.renewal', work)
  } catch (error) {
    // A browser may give none to this page.
    if (!(error instanceof DOMException && error.name === 'SecurityError')) throw error
    await work()
  }
}
