import { useState } from 'preact/hooks'
import type { TargetedSubmitEvent } from 'preact'
import { useErrorText } from '../api/error-text.ts'
import type { Account } from '../app/account.ts'
import { Heading } from '../app/heading.tsx'
import { Loaded } from '../app/loaded.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { textOf } from '../form.ts'
import { formatBytes } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { NotificationSettings } from './notification-settings.tsx'
import { accountText } from './text.ts'

/** What one can see and change of one's own account. */
export function AccountPage({ tapedeck }: { tapedeck: Tapedeck }) {
  const text = useText(accountText)
  return (
    <main class="settings">
      <Heading title={text.title} />
      <Loaded load={() => tapedeck.api.me()}>{(account) => <Use account={account} />}</Loaded>
      <Password tapedeck={tapedeck} />
      <Loaded load={() => tapedeck.api.notifications()}>
        {(notifications) => <NotificationSettings api={tapedeck.api} told={notifications} />}
      </Loaded>
    </main>
  )
}

/** What the account has, of what it may have. */
function Use({ account: { email, quota, usage } }: { account: Account }) {
  const text = useText(accountText)
  const facts = [
    [text.email, email],
    [
      text.stored,
      text.ofLimit(formatBytes(usage.storedBytes), quota.storedBytes && formatBytes(quota.storedBytes)),
    ],
    [text.jobs, text.ofLimit(String(usage.jobs), quota.jobs && String(quota.jobs))],
    ...(quota.fileBytes ? [[text.largestFile, formatBytes(quota.fileBytes)]] : []),
  ] as const
  return (
    <section class="panel" aria-label={text.use}>
      <dl class="details">
        {facts.map(([term, fact]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Password({ tapedeck: { api, session } }: { tapedeck: Tapedeck }) {
  const text = useText(accountText)
  const describe = useErrorText()
  const [state, setState] = useState<'busy' | 'changed' | { error: unknown }>()

  async function change(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    const values = new FormData(form)
    setState('busy')
    try {
      const { token } = await api.changePassword(textOf(values, 'current'), textOf(values, 'new'))
      form.reset()
      setState('changed')
      // The one so far holds no more.
      session.begin(token)
    } catch (error) {
      setState({ error })
    }
  }

  return (
    <form class="panel columns" aria-labelledby="password" onSubmit={(event) => void change(event)}>
      <h3 id="password">{text.changePassword}</h3>
      <label class="field">
        {text.current}
        <input name="current" type="password" autoComplete="current-password" required />
      </label>
      <label class="field">
        {text.new}
        <input name="new" type="password" autoComplete="new-password" required minLength={8} />
      </label>
      <button class="primary" disabled={state === 'busy'}>
        {text.change}
      </button>
      <p class="quiet" role="status">
        {state === 'changed' && text.changed}
      </p>
      {typeof state === 'object' && (
        <p class="notice error" role="alert">
          {describe(state.error)}
        </p>
      )}
    </form>
  )
}
