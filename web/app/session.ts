import { createStore, type Store } from '../store.ts'

/** Who is signed in: a token, or none and why not. */
export interface SessionState {
  token?: string
  /** Why the last session ended, where its owner did not end it. */
  reason?: string
}

export interface Session {
  state: Store<SessionState>
  begin(token: string): void
  /** Signs out; with a reason when that was not the user's wish. */
  end(reason?: string): void
}

const storageKey = 'tapedeck.token'

/** The session of this browser: a token from the address, else the one that was kept. */
export function openSession(): Session {
  const state = createStore<SessionState>(withToken(takeTokenFromAddress() ?? readKept()))
  const session: Session = {
    state,
    begin(token) {
      keep(token)
      state.set({ token })
    },
    end(reason) {
      keep(undefined)
      state.set(reason === undefined ? {} : { reason })
    },
  }
  keep(state.get().token)
  addEventListener('hashchange', () => {
    const token = takeTokenFromAddress()
    if (token !== undefined) session.begin(token)
  })
  // Signing in or out in one tab does so in all.
  addEventListener('storage', ({ key }) => {
    if (key === storageKey || key === null) state.set(withToken(readKept()))
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

function readKept(): string | undefined {
  try {
    return localStorage.getItem(storageKey) ?? undefined
  } catch {
    return undefined
  }
}

/** Where a browser forbids storage, the session lasts until the page is left. */
function keep(token: string | undefined): void {
  try {
    if (token === undefined) localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, token)
  } catch {
    return
  }
}
