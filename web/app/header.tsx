import { useEffect, useState } from 'preact/hooks'
import type { Tapedeck } from './tapedeck.ts'
import { Brand } from './brand.tsx'

export function Header({ tapedeck: { api, session } }: { tapedeck: Tapedeck }) {
  const [email, setEmail] = useState('')
  useEffect(() => {
    // Who is signed in is good to know; without an answer the page works as well.
    api.me().then(
      (user) => setEmail(user.email),
      () => undefined,
    )
  }, [api])

  return (
    <header class="top">
      <Brand />
      <span class="account" title={email}>
        {email}
      </span>
      <button onClick={() => session.end()}>Sign out</button>
    </header>
  )
}
