import { useEffect, useState } from 'preact/hooks'
import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { useErrorText } from '../api/error-text.ts'
import { English } from '../i18n/english.tsx'
import { language, useText } from '../i18n/language.ts'
import { formatDateAndTime, formatTimeOfDay } from '../format.ts'
import { isOver } from '../jobs/job.ts'
import { jobsText } from '../jobs/text.ts'
import { useStore } from '../store.ts'
import { reasonIn } from './reasons.ts'

const pollMilliseconds = 5000
/** What is to be told is begun, and a mail sent, within the minute that the function has: after twice that nobody is at it. */
const sendingMilliseconds = 2 * 60 * 1000

/** Who was told that a job has ended, and how that went. */
export function Deliveries({ job, api }: { job: JobView; api: Api }) {
  const { id, updatedAt } = job
  const text = useText(jobsText)
  const describeError = useErrorText()
  const isEnded = isOver(job)
  const endedAt = job.timeline.at(-1)?.at ?? updatedAt
  const [deliveries, setDeliveries] = useState<DeliveryView[]>([])
  const [error, setError] = useState<unknown>()

  useEffect(() => {
    if (!isEnded) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isCurrent = true
    // By no clock: this browser's may be wrong.
    const askUntil = performance.now() + sendingMilliseconds
    async function read(): Promise<void> {
      try {
        const found = await api.deliveries(id)
        if (!isCurrent) return
        setDeliveries(found)
        setError(undefined)
        const pause = pauseBefore(found, endedAt, performance.now() < askUntil)
        if (pause !== undefined) timer = setTimeout(() => void read(), pause)
      } catch (failure) {
        if (!isCurrent) return
        setError(failure)
        timer = setTimeout(() => void read(), pollMilliseconds)
      }
    }
    void read()
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [id, updatedAt, endedAt, isEnded, api])

  if (!isEnded || (deliveries.length === 0 && error === undefined)) return null
  return (
    <div>
      <dt>{text.facts.told}</dt>
      {deliveries.map((delivery) => (
        <dd key={delivery.id}>
          <DeliveryLine delivery={delivery} />
        </dd>
      ))}
      {error !== undefined && <dd>{describeError(error)}</dd>}
    </div>
  )
}

/** In how many milliseconds there may be more to hear; undefined where there will be nothing. `isFresh`: it has just ended. */
function pauseBefore(deliveries: DeliveryView[], endedAt: string, isFresh: boolean): number | undefined {
  const isBegun = deliveries.some(({ createdAt }) => createdAt >= endedAt)
  if (isFresh && (!isBegun || deliveries.some(({ status }) => status === 'SENDING'))) return pollMilliseconds
  const waiting = deliveries.filter(({ status }) => status === 'WAITING')
  if (waiting.length === 0) return undefined
  const next = Math.min(...waiting.map(({ nextAt = '' }) => Date.parse(nextAt) || 0))
  return Math.max(pollMilliseconds, next - Date.now())
}

const isBeingSent = ({ status, updatedAt }: DeliveryView): boolean =>
  status === 'SENDING' && Date.now() - Date.parse(updatedAt) < sendingMilliseconds

/** Who was told, and how that went, in a line. */
export function DeliveryLine({ delivery }: { delivery: DeliveryView }) {
  const text = useText(jobsText)
  const { text: reason, english } = reasonIn(delivery, useStore(language))
  return (
    <>
      {describeDelivery(delivery, reason, text.delivery)}
      <English>{english}</English>
    </>
  )
}

type Words = (typeof jobsText)['en']['delivery']

function describeDelivery(delivery: DeliveryView, reason: string, text: Words): string {
  const { via, url, status, attempts, updatedAt, nextAt } = delivery
  const what = via === 'mail' ? text.mail : text.webhook(url ?? '')
  switch (status) {
    case 'SENT':
      return text.sent(what, formatDateAndTime(updatedAt))
    case 'SENDING':
      if (via === 'webhook' || isBeingSent(delivery)) return text.sending(what)
      return text.interrupted(what, formatDateAndTime(updatedAt))
    case 'WAITING':
      if (attempts === 0) return text.due(what)
      return text.waiting(what, nextAt && formatTimeOfDay(nextAt), reason)
    case 'FAILED':
      return text.failed(what, reason)
    case 'SKIPPED':
      return text.skipped(what, reason)
  }
}
