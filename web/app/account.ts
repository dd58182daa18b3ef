import type { Limits, Usage } from '../../lib/quota.ts'
import { backoffSeconds } from '../../lib/backoff.ts'
import type { Api } from '../api/api.ts'
import { wait } from '../api/wait.ts'
import { createStore, type Store } from '../store.ts'
import type { Session } from './session.ts'

/** Who is signed in, and what the account may have. */
export interface Account {
  id: string
  email: string
  role: 'admin' | 'user'
  quota: Limits
  usage: Usage
}

/**
 * The account of the session, also of one that ended without its owner's wish; undefined where there is none, and until the server
 * has told.
 */
export function followAccount(api: Api, session: Session): Store<Account | undefined> {
  const account = createStore<Account | undefined>(undefined)
  let asking = new AbortController()
  let owner: string | undefined

  async function ask(signal: AbortSignal): Promise<void> {
    for (let failures = 0; session.state.get().token !== undefined && !signal.aborted; failures += 1) {
      const told = await api.me(signal).catch(() => undefined)
      if (signal.aborted) return
      if (told) return account.set(told)
      await wait(backoffSeconds(failures), signal).catch(() => undefined)
    }
  }

  function follow(): void {
    asking.abort()
    asking = new AbortController()
    const { owner: now } = session.state.get()
    // With another token it stays the same one; without one it is known whom the page waits for.
    if (now !== owner) account.set(undefined)
    owner = now
    void ask(asking.signal)
  }

  follow()
  session.state.subscribe(follow)
  return account
}
