import { useState } from 'preact/hooks'
import { ErrorNotice } from '../app/error-notice.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { textOf, useForm } from '../app/use-action.ts'
import { useText } from '../i18n/language.ts'
import { accountText } from './text.ts'

export function Password({ tapedeck: { api, session } }: { tapedeck: Tapedeck }) {
  const text = useText(accountText)
  const [isChanged, setChanged] = useState(false)
  const { isBusy, error, onSubmit } = useForm(async (values) => {
    setChanged(false)
    const { token } = await api.changePassword(textOf(values, 'current'), textOf(values, 'new'))
    setChanged(true)
    // The one so far holds no more.
    session.begin(token)
  })

  return (
    <form class="panel columns" aria-labelledby="password" onSubmit={onSubmit}>
      <h3 id="password">{text.changePassword}</h3>
      <label class="field">
        {text.current}
        <input name="current" type="password" autoComplete="current-password" required />
      </label>
      <label class="field">
        {text.new}
        <input name="new" type="password" autoComplete="new-password" required minLength={8} />
      </label>
      <button class="primary" disabled={isBusy}>
        {text.change}
      </button>
      <p class="quiet" role="status">
        {isChanged && text.changed}
      </p>
      <ErrorNotice error={error} />
    </form>
  )
}
