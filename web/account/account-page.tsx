import type { Account } from '../app/account.ts'
import { Heading } from '../app/heading.tsx'
import { Loaded } from '../app/loaded.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { formatBytes } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { NotificationSettings } from './notification-settings.tsx'
import { Password } from './password.tsx'
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
