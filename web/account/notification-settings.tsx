import { useEffect, useState } from 'preact/hooks'
import type { TargetedSubmitEvent } from 'preact'
import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import type { Api, Notifications } from '../api/api.ts'
import { useErrorText } from '../api/error-text.ts'
import { textOf } from '../form.ts'
import { useText } from '../i18n/language.ts'
import { describeDelivery } from '../job/deliveries.tsx'
import { jobsText } from '../jobs/text.ts'
import { accountText } from './text.ts'

interface Props {
  api: Api
  told: Notifications
}

/** How one is told of the ends of one's jobs. */
export function NotificationSettings({ api, told }: Props) {
  const text = useText(accountText)
  const describe = useErrorText()
  const [now, setNow] = useState(told)
  const [error, setError] = useState<unknown>()
  const [isTested, setTested] = useState(false)
  const { mail, webhooks, deliveries } = now
  // A secret is told once: it stays until the page is left.
  const take = (next: Notifications): void => setNow((known) => withSecrets(next, known))

  /** Whether it is changed. */
  async function change(asked: Parameters<Api['changeNotifications']>[0]): Promise<boolean> {
    setError(undefined)
    try {
      take(await api.changeNotifications(asked))
      return true
    } catch (failure) {
      setError(failure)
      return false
    }
  }

  async function test(asked: Parameters<Api['testNotification']>[0]): Promise<void> {
    setError(undefined)
    try {
      const delivery = await api.testNotification(asked)
      setNow((known) => ({ ...known, deliveries: [delivery, ...known.deliveries] }))
      setTested(true)
    } catch (failure) {
      setError(failure)
    }
  }

  async function add(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    const url = textOf(new FormData(form), 'url')
    if (await change({ webhooks: [...webhooks.map((webhook) => ({ url: webhook.url })), { url }] }))
      form.reset()
  }

  return (
    <section class="panel" aria-labelledby="notifications">
      <h3 id="notifications">{text.notifications}</h3>
      <p class="line">
        <label class="check">
          <input
            type="checkbox"
            checked={mail.enabled}
            onChange={({ currentTarget: { checked } }) => void change({ mail: { enabled: checked } })}
          />
          {text.mailTo(mail.address)}
        </label>
        <button aria-label={text.testMail} onClick={() => void test({ via: 'mail' })}>
          {text.test}
        </button>
      </p>
      {mail.reason !== undefined && <p class="notice warning">{mail.reason}</p>}
      <h4>{text.webhooks}</h4>
      <p class="quiet">{text.webhooksHint}</p>
      {webhooks.length > 0 && (
        <ul class="webhooks">
          {webhooks.map(({ id, url, secret }) => (
            <li key={id}>
              <bdi>{url}</bdi>
              <button aria-label={text.testNamed(url)} onClick={() => void test({ via: 'webhook', id })}>
                {text.test}
              </button>
              <button
                class="danger"
                aria-label={text.removeNamed(url)}
                onClick={() =>
                  void change({
                    webhooks: webhooks
                      .filter((other) => other.id !== id)
                      .map((other) => ({ url: other.url })),
                  })
                }
              >
                {text.remove}
              </button>
              {secret !== undefined && (
                <p class="notice warning">
                  {text.secret} <code>{secret}</code>
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <form class="line" onSubmit={(event) => void add(event)}>
        <input name="url" type="url" required placeholder="https://" aria-label={text.newWebhook} />
        <button>{text.add}</button>
      </form>
      {error !== undefined && (
        <p class="notice error" role="alert">
          {describe(error)}
        </p>
      )}
      <Lately api={api} deliveries={deliveries} isOpen={isTested} onTold={take} />
    </section>
  )
}

function withSecrets(next: Notifications, known: Notifications): Notifications {
  const webhooks = next.webhooks.map((webhook) => {
    const secret = known.webhooks.find(({ id }) => id === webhook.id)?.secret
    return secret === undefined ? webhook : { ...webhook, secret }
  })
  return { ...next, webhooks }
}

const pollMilliseconds = 2000

interface LatelyProps {
  api: Api
  deliveries: readonly DeliveryView[]
  /** From the start. */
  isOpen: boolean
  onTold: (now: Notifications) => void
}

/** What was sent lately; looked at again while something is on its way. */
function Lately({ api, deliveries, isOpen, onTold }: LatelyProps) {
  const text = useText(accountText)
  const { delivery: words } = useText(jobsText)
  const isMoving = deliveries.some(
    ({ status, attempts }) => status === 'SENDING' || (status === 'WAITING' && attempts === 0),
  )
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(() => void api.notifications().then(onTold, () => undefined), pollMilliseconds)
    return () => clearInterval(timer)
  }, [isMoving])

  if (deliveries.length === 0) return null
  return (
    <details open={isOpen}>
      <summary>{text.lately}</summary>
      <div role="status">
        <ul class="lately">
          {deliveries.map((delivery) => (
            <li key={delivery.id}>{describeDelivery(delivery, words)}</li>
          ))}
        </ul>
      </div>
    </details>
  )
}
