import { useEffect, useState } from 'preact/hooks'
import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { errorMessage, type Api } from '../api.ts'
import { formatDateAndTime, formatTimeOfDay } from '../format.ts'
import { isOver } from '../job.ts'

const pollMilliseconds = 5000
/** A mail is sent within the minute that the function has: one that is begun for longer was interrupted. */
const sendingMilliseconds = 2 * 60 * 1000

/** Who was told that a job has ended, and how that went. */
export function JobDeliveries({ job, api }: { job: JobView; api: Api }) {
  const { id, updatedAt } = job
  const isEnded = isOver(job)
  const [deliveries, setDeliveries] = useState<DeliveryView[]>([])
  const [error, setError] = useState<string>()

  useEffect(() => {
    if (!isEnded) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isCurrent = true
    async function read(): Promise<void> {
      try {
        const found = await api.deliveries(id)
        if (!isCurrent) return
        setDeliveries(found)
        setError(undefined)
        if (isPending(found, updatedAt)) timer = setTimeout(() => void read(), pollMilliseconds)
      } catch (failure) {
        if (!isCurrent) return
        setError(errorMessage(failure))
        timer = setTimeout(() => void read(), pollMilliseconds)
      }
    }
    void read()
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [id, updatedAt, isEnded, api])

  if (!isEnded || (deliveries.length === 0 && error === undefined)) return null
  return (
    <div>
      <dt>Told</dt>
      {deliveries.map((delivery) => (
        <dd key={delivery.id}>{describe(delivery)}</dd>
      ))}
      {error !== undefined && <dd>{error}</dd>}
    </div>
  )
}

/** Whether more is to be heard soon. */
const isPending = (deliveries: DeliveryView[], endedAt: string): boolean =>
  deliveries.length === 0
    ? Date.now() - Date.parse(endedAt) < sendingMilliseconds
    : deliveries.some((delivery) => delivery.status === 'WAITING' || isBeingSent(delivery))

const isBeingSent = ({ status, updatedAt }: DeliveryView): boolean =>
  status === 'SENDING' && Date.now() - Date.parse(updatedAt) < sendingMilliseconds

function describe(delivery: DeliveryView): string {
  const { via, url, status, reason = '', attempts, updatedAt, nextAt } = delivery
  const what = via === 'mail' ? 'E-mail' : `Webhook ${url}`
  switch (status) {
    case 'SENT':
      return `${what}: sent ${formatDateAndTime(updatedAt)}`
    case 'SENDING':
      if (via === 'webhook' || isBeingSent(delivery)) return `${what}: being sent`
      return `${what}: begun ${formatDateAndTime(updatedAt)} and interrupted; it may not have gone out, and is not sent twice`
    case 'WAITING':
      if (attempts === 0) return `${what}: about to be sent`
      return `${what}: not taken yet${nextAt ? `, next try ${formatTimeOfDay(nextAt)}` : ''}. ${reason}`
    case 'FAILED':
      return `${what}: failed. ${reason}`
    case 'SKIPPED':
      return `${what}: not sent. ${reason}`
  }
}
