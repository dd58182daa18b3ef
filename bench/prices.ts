import { recordPrices, storagePrices } from '../lib/tiers/storage-prices.ts'

interface Price {
  /** What `per` of `unit` cost. */
  usd: number
  per: number
  unit: string
  region: string
  /** It stands at https://cloud.google.com/PAGE/pricing. */
  page: string
  /** The day on which it was last read there, by those who were found to have written it down. */
  seen: string
}

const { STANDARD } = storagePrices
const iowa = 'us-central1'
const all = 'all regions'

/**
 * Google's list prices without free tiers and discounts, looked up on 2026-11-20. A month has 730 hours: where Google states
 * the price of a GiB for an hour, this is 730 times that.
 */
export const prices = {
  // Request-based billing, as Cloud Run functions have it: while requests run, rounded up to 100 ms.
  vcpuSeconds: { usd: 24, per: 1e6, unit: 'vCPU-seconds', region: iowa, page: 'run', seen: '2026-09-27' },
  gibSeconds: { usd: 2.5, per: 1e6, unit: 'GiB-seconds', region: iowa, page: 'run', seen: '2026-09-27' },
  requests: { usd: 0.4, per: 1e6, unit: 'requests', region: iowa, page: 'run', seen: '2026-09-27' },
  // Events of Google's own sources are free, the Pub/Sub messages that carry them are not.
  events: { usd: 0, per: 1e6, unit: 'events', region: all, page: 'eventarc', seen: '2026-08, about' },
  messageBytes: { usd: 40, per: 2 ** 40, unit: 'bytes', region: all, page: 'pubsub', seen: '2026-09-20' },
  reads: {
    usd: recordPrices.read,
    per: 1,
    unit: 'documents',
    region: iowa,
    page: 'firestore',
    seen: '2026-10-06',
  },
  writes: {
    usd: recordPrices.write,
    per: 1,
    unit: 'documents',
    region: iowa,
    page: 'firestore',
    seen: '2026-10-06',
  },
  deletes: { usd: 0.01, per: 1e5, unit: 'documents', region: iowa, page: 'firestore', seen: '2026-10-06' },
  classA: {
    usd: STANDARD.classA,
    per: 1,
    unit: 'operations',
    region: iowa,
    page: 'storage',
    seen: '2026-09-20',
  },
  classB: {
    usd: STANDARD.classB,
    per: 1,
    unit: 'operations',
    region: iowa,
    page: 'storage',
    seen: '2026-09-20',
  },
  storedGib: {
    usd: STANDARD.gibMonth,
    per: 1,
    unit: 'GiB-months',
    region: iowa,
    page: 'storage',
    seen: '2026-09-20',
  },
  // The first 10 TiB of a month (older copies: the first TiB), but for Asia and Australia.
  sentGib: { usd: 0.12, per: 1, unit: 'GiB', region: iowa, page: 'storage', seen: '2026-09-20' },
  jobs: { usd: 0.1, per: 1, unit: 'job-months', region: all, page: 'scheduler', seen: '2026-09-27' },
  secrets: {
    usd: 0.06,
    per: 1,
    unit: 'version-months',
    region: all,
    page: 'secret-manager',
    seen: '2026-09-25',
  },
  imageGib: {
    usd: 0.1,
    per: 1,
    unit: 'GiB-months',
    region: all,
    page: 'artifact-registry',
    seen: '2026-09-29',
  },
  // On e2-standard-2, the default. (One copy of September says 0.003, which is e2-medium's.)
  buildMinutes: { usd: 0.006, per: 1, unit: 'minutes', region: all, page: 'build', seen: '2026-09-29' },
} as const satisfies Record<string, Price>
