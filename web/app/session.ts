import { keep, kept } from '../kept.ts'
import { createStore, type Store } from '../store.ts'

/** Who is signed in: a token, or none and why not. */
export interface SessionState {
  token?: string
  /** Why the last session ended, where its owner did not end it. */
  reason?: Error
}

export interface Session {
  state: Store<SessionState>
  begin(token: string): void
  /** Signs out; with a reason when that was not the user's wish. */
  end(reason?: Error): void
}

const storageKey = 'tapedeck.token'

/** The session of this browser: a token from the address, else the one that was kept. */
export function openSession(): Session {
  const state = createStore<SessionState>(withToken(takeTokenFromAddress() ?? kept(storageKey)))
  const session: Session = {
    state,
    begin(token) {
      keep(storageKey, token)
      state.set({ token })
    },
    end(reason) {
      // A token that was refused stays: to other tabs its loss would mean that somebody wants nothing to go on.
      if (reason === undefined) keep(storageKey, undefined)
      state.set(reason === undefined ? {} : { reason })
    },
  }
  keep(storageKey, state.get().token)
  addEventListener('hashchange', () => {
    const token = takeTokenFromAddress()
    if (token !== undefined) session.begin(token)
  })
  // Signing in or out in one tab does so in all.
  addEventListener('storage', ({ key }) => {
    if (key === storageKey || key === null) state.set(withToken(kept(storageKey)))
  })
  return session
}

const withToken = (token: string | undefined): SessionState => (token === undefined ? {} : { token })

/** The token of a sign-in link (`#token=…`), which leaves the address bar and the history at once. */
function takeTokenFromAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return undefined
  history.replaceState(null, '', location.pathname + location.search)
  return token === '' ? undefined : token
}
