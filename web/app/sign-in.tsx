import { useEffect, useRef, useState } from 'preact/hooks'
import type { TargetedSubmitEvent } from 'preact'
import { useErrorText } from '../api/error-text.ts'
import { LanguageChoice } from '../i18n/language-choice.tsx'
import { useText } from '../i18n/language.ts'
import type { Tapedeck } from './tapedeck.ts'
import { textOf } from '../form.ts'
import { Brand } from './brand.tsx'
import { useTitle } from './heading.tsx'
import { appText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  /** Why the last session ended. */
  reason: Error | undefined
}

export function SignIn({ tapedeck: { api, session }, reason }: Props) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(reason)
  const text = useText(appText)
  const describe = useErrorText()
  const email = useRef<HTMLInputElement>(null)
  useTitle(text.signIn)
  useEffect(() => email.current?.focus(), [])

  async function signIn(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(undefined)
    try {
      const { token } = await api.login(textOf(form, 'email'), textOf(form, 'password'))
      session.begin(token)
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }

  return (
    <main class="sign-in">
      <Brand />
      <p class="quiet">{text.claim}</p>
      <form class="panel" onSubmit={(event) => void signIn(event)}>
        <label class="field">
          {text.email}
          <input ref={email} name="email" type="text" inputMode="email" autoComplete="username" required />
        </label>
        <label class="field">
          {text.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button class="primary" disabled={isBusy}>
          {isBusy ? text.signingIn : text.signIn}
        </button>
        <p class="form-error" role="alert">
          {error !== undefined && describe(error)}
        </p>
      </form>
      <LanguageChoice />
    </main>
  )
}
