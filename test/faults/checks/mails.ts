import { endsOf } from '../../../lib/notifications/delivery.ts'
import type { Evidence, Notes } from '../evidence.ts'

/** So many of a hundred ends may be told by no mail, since its sender was killed while it sent it. */
const mostUnsent = 0.1

/** One mail tells of each end; where it cannot be known whether it went out, none may have. */
export function checkMails({ stored, mails }: Evidence, { count, say }: Notes): void {
  let [ended, unsent] = [0, 0]
  for (const [id, job] of stored.jobs) {
    const complain = (what: string): void => say(`${job.filename} (${id}): ${what}`)
    const ends = endsOf(id, job, job.updatedAt)
    const sent = mails.filter((text) => text.includes(id)).length
    count('mails', sent)
    if (sent > ends.length) complain(`${sent} mails tell of ${ends.length} ends`)
    // Nobody is told of a job that is gone.
    if (job.status === 'DELETED') continue
    const statuses = ends.map((end) => stored.deliveries.get(`${end.id}.mail`)?.status ?? 'missing')
    const noted = statuses.filter((status) => status === 'SENT').length
    if (sent < noted) complain(`${sent} mails were sent, and ${noted} are noted as sent`)
    for (const [place, status] of statuses.entries()) {
      if (status === 'SENT') continue
      // An end after which the job was taken up again.
      if (status === 'SKIPPED' && place < ends.length - 1) continue
      if (status !== 'SENDING' && status !== 'FAILED') complain(`its mail is ${status}`)
    }
    ended++
    if (sent === 0 && ends.length > 0) {
      unsent++
      count(`no mail, ${statuses.join(', ')}`)
    }
  }
  if (unsent > Math.max(1, mostUnsent * ended)) say(`of ${unsent} of ${ended} jobs no mail tells`)
}
