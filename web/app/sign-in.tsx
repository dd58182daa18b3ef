import { useEffect, useRef } from 'preact/hooks'
import { useErrorText } from '../api/error-text.ts'
import { LanguageChoice } from '../i18n/language-choice.tsx'
import { useText } from '../i18n/language.ts'
import { Brand } from './brand.tsx'
import { useTitle } from './heading.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'
import { textOf, useForm } from './use-action.ts'

interface Props {
  tapedeck: Tapedeck
  /** Why the last session ended. */
  reason: Error | undefined
}

export function SignIn({ tapedeck: { api, session }, reason }: Props) {
  const text = useText(appText)
  const describe = useErrorText()
  const email = useRef<HTMLInputElement>(null)
  useTitle(text.signIn)
  useEffect(() => email.current?.focus(), [])
  const { isBusy, error, onSubmit } = useForm(async (values) => {
    const { token } = await api.login(textOf(values, 'email'), textOf(values, 'password'))
    session.begin(token)
  }, reason)

  return (
    <main class="sign-in">
      <Brand />
      <p class="quiet">{text.claim}</p>
      <form class="panel" onSubmit={onSubmit}>
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
