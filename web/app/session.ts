import { keep, kept } from '../kept.ts'
import { createStore, type Store } from '../store.ts'
import { readToken } from './token.ts'

/** Who is signed in: a token, or none and why not. */
export interface SessionState {
  token?: string
  /** Whose token it is; or was, where its owner did not end the session and so may go on. */
  owner?: string
  /** When the token is to be renewed, in milliseconds of this machine's clock; undefined where it cannot be. */
  renewAt?: number | undefined
  /** Why the last session ended, where its owner did not end it. */
  reason?: Error
}

export interface Session {
  state: Store<SessionState>
  /** Goes on with this token, which was given out just now. */
  begin(token: string): void
  /** Signs out; with a reason when that was not the user's wish. */
  end(reason?: Error): void
  /** Takes the token that another tab has got, even before the browser tells of it. */
  catchUp(): void
}

const tokenKey = 'tapedeck.token'
const renewKey = 'tapedeck.renewAt'

/** A token of unknown age is renewed so soon, but after what one has come for. */
const soonMilliseconds = 60_000

/** The session of this browser: a token from the address, else the one that was kept. */
export function openSession(): Session {
  const state = createStore<SessionState>({})
  function go(on: SessionState): void {
    // First when: other tabs read it when they hear of the token.
    keep(renewKey, on.renewAt?.toString())
    keep(tokenKey, on.token)
    state.set(on)
  }
  const recall = (): void => state.set(recalled())
  const session: Session = {
    state,
    begin: (token) => go(withToken(token)),
    end(reason) {
      // A token that was refused stays: to other tabs its loss would mean that somebody wants nothing to go on.
      if (reason === undefined) return go({})
      const { token, renewAt: _, ...ended } = state.get()
      if (token !== undefined) state.set({ ...ended, reason })
    },
    catchUp() {
      const token = kept(tokenKey)
      if (token !== undefined && token !== state.get().token) recall()
    },
  }
  const token = takeTokenFromAddress()
  if (token === undefined) recall()
  else go(withToken(token, Date.now() + soonMilliseconds))
  addEventListener('hashchange', () => {
    const given = takeTokenFromAddress()
    if (given !== undefined) go(withToken(given, Date.now() + soonMilliseconds))
  })
  // Signing in or out in one tab does so in all.
  addEventListener('storage', ({ key }) => {
    if (key === tokenKey || key === null) recall()
  })
  return session
}

/** Half of its life is counted from when it came: the server's clock, which has made it, may be another. */
function withToken(token: string, earliest = Infinity): SessionState {
  const { sub, life } = readToken(token)
  return {
    token,
    owner: sub ?? token,
    renewAt: life === undefined ? undefined : Math.min(earliest, Date.now() + life / 2),
  }
}

function recalled(): SessionState {
  const token = kept(tokenKey)
  if (token === undefined) return {}
  return withToken(token, Number(kept(renewKey) ?? Date.now() + soonMilliseconds))
}

/** The token of a sign-in link (`#token=…`), which leaves the address bar and the history at once. */
function takeTokenFromAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return undefined
  history.replaceState(null, '', location.pathname + location.search)
  return token === '' ? undefined : token
}
