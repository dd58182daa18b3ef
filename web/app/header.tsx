import { useEffect, useState } from 'preact/hooks'
import type { Tapedeck } from './tapedeck.ts'
import { LanguageChoice } from '../i18n/language-choice.tsx'
import { useText } from '../i18n/language.ts'
import { Brand } from './brand.tsx'
import { appText } from './text.ts'

export function Header({ tapedeck: { api, session } }: { tapedeck: Tapedeck }) {
  const [email, setEmail] = useState('')
  const text = useText(appText)
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
      <LanguageChoice />
      <button onClick={() => session.end()}>{text.signOut}</button>
    </header>
  )
}
