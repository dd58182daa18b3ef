import { createHash } from 'node:crypto'
import { readConfig } from '../../lib/config.ts'
import { clientAddress } from '../../lib/http/client-address.ts'
import type { Call } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import {
  acquaintances,
  isKnown,
  newAcquaintance,
  throttles,
  waitSeconds,
  withFailure,
  withoutFailure,
} from '../../lib/throttle.ts'
import { platform } from '../../platform/index.ts'

const { TRUSTED_PROXIES } = readConfig(['TRUSTED_PROXIES'])

/** How many wrong passwords in a row cost no wait. An address can be that of many people. */
const free = { account: 5, address: 20 }

/** Who tries a password, and of which account, which may not exist. */
interface Trier {
  req: Call['req']
  userId: string
  /** By a token of the account. */
  isSignedIn?: boolean
}

/**
 * Lets somebody try a password: `attempt` resolves to undefined where it was wrong. Throws TOO_MANY_REQUESTS instead where too many
 * were wrong before, even if this one is right. Guesses do not count against who is signed in, nor, if they come from elsewhere,
 * where the account was lately signed in to: nobody can lock it.
 */
export async function throttled<T>(
  { req, userId, isSignedIn = false }: Trier,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const place = hashOf(clientAddress(req, TRUSTED_PROXIES))
  const attempted = { userId, isSignedIn, place }
  const account = await countFailure(attempted)
  const result = await attempt()
  if (result !== undefined) await takeBack(account, attempted)
  return result
}

interface Attempted {
  userId: string
  isSignedIn: boolean
  /** The address from which it comes, as it is kept. */
  place: string
}

const addressCounter = (place: string): string => `address-${place}`
const acquaintanceId = ({ userId, place }: Attempted): string => `${userId}-${place}`

/**
 * An attempt is counted as failed before it is made: many at once could not be stopped any more. Returns the counter of the
 * account that it has counted for.
 */
async function countFailure(attempted: Attempted): Promise<string> {
  const { userId, isSignedIn, place } = attempted
  const records = await platform().records()
  const { account, wait } = await records.transact(async (tx) => {
    const { data: acquaintance, readAt } = await tx.get(acquaintances, acquaintanceId(attempted))
    const unlessSignedIn = isKnown(acquaintance, readAt) ? `known-${userId}-${place}` : `account-${userId}`
    const account = isSignedIn ? `signed-in-${userId}` : unlessSignedIn
    const ofAccount = await tx.get(throttles, account)
    const ofAddress = await tx.get(throttles, addressCounter(place))
    const seconds = Math.max(
      waitSeconds(ofAccount.data, free.account, ofAccount.readAt),
      waitSeconds(ofAddress.data, free.address, ofAddress.readAt),
    )
    if (seconds > 0) return { account, wait: Math.ceil(seconds) }
    tx.set(throttles, account, withFailure(ofAccount.data, ofAccount.readAt))
    tx.set(throttles, addressCounter(place), withFailure(ofAddress.data, ofAddress.readAt))
    return { account, wait: 0 }
  })
  if (wait === 0) return account
  const detail = `A password was wrong too often: try again in ${wait} seconds.`
  throw new Problem('TOO_MANY_REQUESTS', detail, { headers: { 'Retry-After': String(wait) } })
}

/** A right password clears its account. Of the address it takes back itself only: it may be a guesser's own. */
async function takeBack(account: string, attempted: Attempted): Promise<void> {
  const address = addressCounter(attempted.place)
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data, readAt } = await tx.get(throttles, address)
    const rest = withoutFailure(data)
    tx.delete(throttles, account)
    tx.set(acquaintances, acquaintanceId(attempted), newAcquaintance(readAt))
    if (rest) tx.set(throttles, address, rest)
    else tx.delete(throttles, address)
  })
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
