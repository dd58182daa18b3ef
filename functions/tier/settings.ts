import { readConfig } from '../../lib/config.ts'
import { functions } from '../../lib/functions.ts'
import type { PolicySettings } from '../../lib/tiers/policy.ts'

const config = readConfig(['TARGET_BUCKET', 'TIER_POLICY', 'TIER_HALF_LIFE_DAYS', 'TIER_GRACE_DAYS'])

export const targetBucket = config.TARGET_BUCKET

export const settings: PolicySettings = {
  policy: config.TIER_POLICY,
  halfLifeDays: config.TIER_HALF_LIFE_DAYS,
  graceDays: config.TIER_GRACE_DAYS,
}

/** Longer than a move can take: whoever has not ended it by then is dead. */
export const leaseSeconds = functions.tier.timeoutSeconds + 60
