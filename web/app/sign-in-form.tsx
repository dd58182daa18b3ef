import { useEffect, useRef } from 'preact/hooks'
import { useErrorText } from '../api/error-text.ts'
import { useText } from '../i18n/language.ts'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'
import { textOf, useForm } from './use-action.ts'

interface Props {
  tapedeck: Tapedeck
  /** Why the last session ended. */
  reason: Error | undefined
  /** Whose password is asked for, most likely. */
  email?: string
  class?: string
}

export function SignInForm({ tapedeck: { api, session }, reason, email, class: look = '' }: Props) {
  const text = useText(appText)
  const describe = useErrorText()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const { isBusy, error, onSubmit } = useForm(async (values) => {
    const { token } = await api.login(textOf(values, 'email'), textOf(values, 'password'))
    session.begin(token)
  }, reason)

  return (
    <form class={`credentials ${look}`} onSubmit={onSubmit}>
      <label class="field">
        {text.email}
        <input
          ref={email === undefined ? first : null}
          name="email"
          type="text"
          inputMode="email"
          autoComplete="username"
          defaultValue={email ?? ''}
          required
        />
      </label>
      <label class="field">
        {text.password}
        <input
          ref={email === undefined ? null : first}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      </label>
      <button class="primary" disabled={isBusy}>
        {isBusy ? text.signingIn : text.signIn}
      </button>
      <p class="form-error" role="alert">
        {error !== undefined && describe(error)}
      </p>
    </form>
  )
}
