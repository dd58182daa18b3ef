import * as z from 'zod'

const first = new Date('0001-01-01T00:00:00Z')
const last = new Date('9999-12-31T23:59:59.999Z')

/** A time that a client sends, as a Date: one of those that every store takes. (Firestore knows the years from 1 to 9999.) */
export const storableTime = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((time) => time >= first && time <= last)
