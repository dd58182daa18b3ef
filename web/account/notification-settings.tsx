import { useEffect, useState } from 'preact/hooks'
import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import type { Api, Notifications } from '../api/api.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { textOf, useAction, useForm } from '../app/use-action.ts'
import { language, useText } from '../i18n/language.ts'
import { DeliveryLine } from '../job/deliveries.tsx'
import { reasonIn } from '../job/reasons.ts'
import { useStore } from '../store.ts'
import { accountText } from './text.ts'

interface Props {
  api: Api
  told: Notifications
}

/** How one is told of the ends of one's jobs. */
export function NotificationSettings({ api, told }: Props) {
  const text = useText(accountText)
  const [now, setNow] = useState(told)
  const [testedId, setTestedId] = useState<string>()
  const { error, run } = useAction()
  const { mail, webhooks, deliveries } = now
  // A secret is told once: it stays until the page is left.
  const take = (next: Notifications): void => setNow((known) => withSecrets(next, known))
  const change: Change = async (asked) => take(await api.changeNotifications(asked))
  const test: Test = (asked) =>
    void run(async () => {
      const delivery = await api.testNotification(asked)
      setNow((known) => ({ ...known, deliveries: [delivery, ...known.deliveries] }))
      setTestedId(delivery.id)
    })

  return (
    <section class="panel" aria-labelledby="notifications">
      <h3 id="notifications">{text.notifications}</h3>
      <Mail mail={mail} onChange={(enabled) => run(() => change({ mail: { enabled } }))} onTest={test} />
      <ErrorNotice error={error} />
      <Webhooks webhooks={webhooks} onChange={change} onTest={test} />
      <Tested delivery={deliveries.find(({ id }) => id === testedId)} />
      <Lately api={api} deliveries={deliveries} isOpen={testedId !== undefined} onTold={take} />
    </section>
  )
}

type Change = (asked: Parameters<Api['changeNotifications']>[0]) => Promise<void>
type Test = (asked: Parameters<Api['testNotification']>[0]) => void

interface MailProps {
  mail: Notifications['mail']
  onChange: (enabled: boolean) => Promise<unknown>
  onTest: Test
}

function Mail({ mail: { enabled, address, ...told }, onChange, onTest }: MailProps) {
  const text = useText(accountText)
  const why = reasonIn(told, useStore(language))
  /** What was chosen, until the server has answered. */
  const [wanted, setWanted] = useState<boolean>()

  async function choose(chosen: boolean): Promise<void> {
    setWanted(chosen)
    await onChange(chosen)
    setWanted(undefined)
  }

  return (
    <>
      <p class="line">
        <label class="check">
          <input
            type="checkbox"
            checked={wanted ?? enabled}
            onChange={({ currentTarget: { checked } }) => void choose(checked)}
          />
          {text.mailTo(address)}
        </label>
        <button aria-label={text.testMail} onClick={() => onTest({ via: 'mail' })}>
          {text.test}
        </button>
      </p>
      {why.text !== '' && <p class="notice warning">{why.text}</p>}
    </>
  )
}

interface WebhooksProps {
  webhooks: Notifications['webhooks']
  onChange: Change
  onTest: Test
}

/** They are changed all together. */
function Webhooks({ webhooks, onChange, onTest }: WebhooksProps) {
  const text = useText(accountText)
  const urls = webhooks.map(({ url }) => ({ url }))
  const removing = useAction()
  const adding = useForm((values) => onChange({ webhooks: [...urls, { url: textOf(values, 'url') }] }))
  const remove = (url: string): Promise<boolean> =>
    removing.run(() => onChange({ webhooks: urls.filter((other) => other.url !== url) }))

  return (
    <>
      <h4>{text.webhooks}</h4>
      <p class="quiet">{text.webhooksHint}</p>
      {webhooks.length > 0 && (
        <ul class="webhooks">
          {webhooks.map(({ id, url, secret }) => (
            <li key={id}>
              <bdi>{url}</bdi>
              <button aria-label={text.testNamed(url)} onClick={() => onTest({ via: 'webhook', id })}>
                {text.test}
              </button>
              <button class="danger" aria-label={text.removeNamed(url)} onClick={() => void remove(url)}>
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
      <form class="line" onSubmit={adding.onSubmit}>
        <input name="url" type="url" required placeholder="https://" aria-label={text.newWebhook} />
        <button disabled={adding.isBusy}>{text.add}</button>
      </form>
      <ErrorNotice error={removing.error ?? adding.error} />
    </>
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
      <ul class="lately">
        {deliveries.map((delivery) => (
          <li key={delivery.id}>
            <DeliveryLine delivery={delivery} />
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Says how the last test goes: a list that was live would be read as a whole with each change of it. */
function Tested({ delivery }: { delivery: DeliveryView | undefined }) {
  return (
    <p class="visually-hidden" role="status">
      {delivery && <DeliveryLine delivery={delivery} />}
    </p>
  )
}
