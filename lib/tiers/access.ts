import * as z from 'zod'
import type { Collection } from '../collection.ts'
import { serverTime, type Writable } from '../server-time.ts'

/** What `download` tells of somebody who asked for an object. */
export const accessMessage = z.object({
  /** Made by whoever tells: the same in every copy of the message. */
  id: z.uuid(),
  /** The object's name in the target bucket. */
  object: z.string(),
  /** 1 for a download or a stream, 0 for a further part of a stream. */
  count: z.int().min(0).max(1),
  requests: z.int().min(0),
  /** Read, or about to be. */
  bytes: z.number().min(0),
})
export type AccessMessage = z.infer<typeof accessMessage>

/** So many are told of in one message, written down in one transaction, and added up at once: one of Firestore has 500 writes at most. */
export const mostAccesses = 400

/** An access that was told of, by its id: kept for longer than a message can come again. */
export interface Access extends Omit<AccessMessage, 'id'> {
  /** Whether it is in its object's figures already. */
  counted: boolean
  createdAt: Date
  purgeAt: Date
}

export const accesses: Collection<Access> = { name: 'accesses' }

const keptMilliseconds = 8 * 24 * 60 * 60 * 1000

export const newAccess = ({ id: _id, ...access }: AccessMessage, now: Date): Writable<Access> => ({
  ...access,
  counted: false,
  createdAt: serverTime(),
  purgeAt: new Date(now.getTime() + keptMilliseconds),
})
