import * as z from 'zod'

const characters = (text: string): number => Array.from(text).length

/** What a password has to be that somebody chooses. */
export const newPassword = z
  .string({ error: 'must be a text' })
  .refine((text) => characters(text) >= 8, 'must have at least 8 characters')
  .refine((text) => characters(text) <= 1024, 'must have at most 1024 characters')
