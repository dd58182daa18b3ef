import { createHash } from 'node:crypto'
import { readConfig } from '../../lib/config.ts'
import { clientAddress } from '../../lib/http/client-address.ts'
import type { Call } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { throttles, waitSeconds, withFailure, withoutFailure } from '../../lib/throttle.ts'
import { platform } from '../../platform/index.ts'

const { TRUSTED_PROXIES } = readConfig(['TRUSTED_PROXIES'])

/** How many wrong passwords in a row cost no wait. An address can be that of many people. */
const free = { account: 5, address: 20 }

/**
 * Lets somebody who calls try a password of this account, which may not exist: `attempt` resolves to undefined where it was
 * wrong. Throws TOO_MANY_REQUESTS instead where too many were wrong before, even if this one is right.
 */
export async function throttled<T>(
  req: Call['req'],
  userId: string,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const account = `account-${userId}`
  const address = `address-${hashOf(clientAddress(req, TRUSTED_PROXIES))}`
  await countFailure(account, address)
  const result = await attempt()
  if (result !== undefined) await takeBack(account, address)
  return result
}

/** An attempt is counted as failed before it is made: many at once could not be stopped any more. */
async function countFailure(account: string, address: string): Promise<void> {
  const records = await platform().records()
  const wait = await records.transact(async (tx) => {
    const ofAccount = await tx.get(throttles, account)
    const ofAddress = await tx.get(throttles, address)
    const seconds = Math.max(
      waitSeconds(ofAccount.data, free.account, ofAccount.readAt),
      waitSeconds(ofAddress.data, free.address, ofAddress.readAt),
    )
    if (seconds > 0) return Math.ceil(seconds)
    tx.set(throttles, account, withFailure(ofAccount.data, ofAccount.readAt))
    tx.set(throttles, address, withFailure(ofAddress.data, ofAddress.readAt))
    return 0
  })
  if (wait === 0) return
  const detail = `A password was wrong too often: try again in ${wait} seconds.`
  throw new Problem('TOO_MANY_REQUESTS', detail, { headers: { 'Retry-After': String(wait) } })
}

/** A right password clears its account. Of the address it takes back itself only: it may be a guesser's own. */
async function takeBack(account: string, address: string): Promise<void> {
  const records = await platform().records()
  await records.transact(async (tx) => {
    const rest = withoutFailure((await tx.get(throttles, address)).data)
    tx.delete(throttles, account)
    if (rest) tx.set(throttles, address, rest)
    else tx.delete(throttles, address)
  })
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
