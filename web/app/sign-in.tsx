import { useEffect, useRef, useState } from 'preact/hooks'
import type { TargetedSubmitEvent } from 'preact'
import { errorMessage } from '../api/api.ts'
import type { Tapedeck } from './tapedeck.ts'
import { Brand } from './brand.tsx'

interface Props {
  tapedeck: Tapedeck
  /** Why the last session ended. */
  reason: string | undefined
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

export function SignIn({ tapedeck: { api, session }, reason }: Props) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState(reason)
  const email = useRef<HTMLInputElement>(null)
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
      setError(errorMessage(failure))
      setBusy(false)
    }
  }

  return (
    <main class="sign-in">
      <Brand />
      <p class="quiet">Videos in, MP3s out.</p>
      <form class="panel" onSubmit={(event) => void signIn(event)}>
        <label class="field">
          E-mail
          <input ref={email} name="email" type="text" inputMode="email" autoComplete="username" required />
        </label>
        <label class="field">
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button class="primary" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <p class="form-error" role="alert">
          {error}
        </p>
      </form>
    </main>
  )
}
