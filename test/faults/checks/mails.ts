import { endsOf, type Delivery } from '../../../lib/notifications/delivery.ts'
import type { Evidence, Notes } from '../evidence.ts'
import type { Entry } from '../journal.ts'

/** One mail tells of each end; where it cannot be known whether it went out, none may have. */
export function checkMails({ stored, mails, journal }: Evidence, { count, say }: Notes): void {
  for (const [id, job] of stored.jobs) {
    const complain = (what: string): void => say(`${job.filename} (${id}): ${what}`)
    const ends = endsOf(id, job, job.updatedAt)
    const sent = mails.filter((text) => text.includes(id)).length
    count('mails', sent)
    if (sent > ends.length) complain(`${sent} mails tell of ${ends.length} ends`)
    // Nobody is told of a job that is gone.
    if (job.status === 'DELETED') continue
    const deliveries = ends.map((end) => stored.deliveries.get(`${end.id}.mail`))
    const noted = deliveries.filter((delivery) => delivery?.status === 'SENT').length
    if (sent < noted) complain(`${sent} mails were sent, and ${noted} are noted as sent`)
    for (const [place, delivery] of deliveries.entries()) {
      const status = delivery?.status ?? 'missing'
      // An end after which the job was taken up again.
      if (status === 'SKIPPED' && place < ends.length - 1) continue
      if (status !== 'SENT' && status !== 'SENDING') complain(`its mail is ${status}`)
      if (status !== 'SENDING' || sent > 0) continue
      count('mails cut off')
      if (delivery && !wasCutOff(delivery, journal)) complain('its mail was not sent, and nobody was killed')
    }
  }
}

/** Longer than a mail takes; and a kill is noted a moment before it happens. */
const [longestMailMs, momentMs] = [10_000, 2000]

/** Whether something was killed while this mail was sent. */
const wasCutOff = ({ updatedAt }: Delivery, journal: readonly Entry[]): boolean =>
  journal.some(
    (entry) =>
      entry.what === 'fault' &&
      entry.hitsAll === true &&
      entry.at >= updatedAt.getTime() - momentMs &&
      entry.at <= updatedAt.getTime() + longestMailMs,
  )
