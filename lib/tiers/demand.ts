import type { Holding } from './holding.ts'

/**
 * How often an object is expected to be asked for from now on: `perDay` now, and less by the share `fading` of it each day. How
 * sure that is: as sure as if it had been found from `shape` accesses (the shape of a gamma distribution of its rate).
 */
export interface Demand {
  perDay: number
  fading: number
  shape: number
}

/** Objects that fade alike. */
interface Kind {
  /** Of all objects. */
  share: number
  /** Accesses a day of a new object, on average. */
  newPerDay: number
  /** The share of these by which they fall each day. */
  fading: number
}

const kind = (share: number, accesses: number, halfLifeDays: number): Kind => {
  const fading = Math.LN2 / halfLifeDays
  return { share, newPerDay: accesses * fading, fading }
}

/** A guess that fits music and talks: they are listened to when they are new, and fade within days or within months. */
const kinds = [kind(0.25, 4, 5), kind(0.25, 4, 15), kind(0.25, 4, 50), kind(0.25, 8, 150)]

/** How alike objects of a kind are: the shape of the gamma distribution of their rates. Below 1 a few get nearly everything. */
const alike = 0.5

/** Of an object that nobody has asked for in months, still so many accesses a day: at some time somebody finds it again. */
const foundAgain = 0.004
/** Nothing is expected for longer than some years, which is this as a share that falls each day. */
const leastFading = 1 / 730

/** No past makes surer than so many accesses: what comes need not be like it. */
const mostSure = 1

interface Past {
  /** As it was at the latest access. */
  heat: number
  ageDays: number
  /** Since the latest access, or since it was new. */
  idleDays: number
  /** By how much heat falls each day. */
  cooling: number
}

/**
 * What is to be expected of an object of a kind: the conjugate update of a gamma distribution,
 * https://en.wikipedia.org/wiki/Conjugate_prior (Poisson), of how much more than usual it is asked for. And how well its past
 * fits the kind, as a logarithm.
 */
function expectedOf(
  { share, newPerDay, fading }: Kind,
  { heat, ageDays, idleDays, cooling }: Past,
): { perDay: number; fading: number; fit: number } {
  const activeDays = ageDays - idleDays
  const [then, now] = [Math.exp(-fading * activeDays), Math.exp(-fading * ageDays)]
  // What is usual: accesses until the latest one, as heat, and since then.
  const usualHeat = (newPerDay * (then - Math.exp(-cooling * activeDays))) / (cooling - fading)
  const usualSince = (newPerDay * (then - now)) / fading
  const scale = alike + usualHeat + usualSince
  const fit = Math.log(share) + heat * Math.log(usualHeat + 1e-12) - (alike + heat) * Math.log(scale)
  return { perDay: (newPerDay * now * (alike + heat)) / scale, fading, fit }
}

/**
 * What is to be expected of an object by its own past, weighed against what is usual. How fast it fades shows in how long nobody
 * has asked for it (`idleDays`).
 */
export function expectedDemand({ heat, ageDays, idleDays }: Holding, halfLifeDays: number): Demand {
  // Heat that does not cool at all, or as fast as a kind fades, would have a formula of its own.
  const cooling = halfLifeDays === 0 ? 1e-9 : 1.0001 * (Math.LN2 / halfLifeDays)
  const idle = Math.min(idleDays, ageDays)
  const past = { heat: heat * Math.exp(Math.min(50, cooling * idle)), ageDays, idleDays: idle, cooling }
  const guesses = kinds.map((kind) => expectedOf(kind, past))
  const best = guesses.reduce((most, { fit }) => Math.max(most, fit), -Infinity)
  let [weights, now, all] = [0, 0, 0]
  for (const { fit, perDay, fading } of guesses) {
    const weight = Math.exp(fit - best)
    weights += weight
    now += weight * perDay
    all += (weight * perDay) / (fading + leastFading)
  }
  const perDay = now / weights + foundAgain
  // One rate for all that is expected, so that it is as much now and, in all, later on.
  const fading = Math.max(1e-6, perDay / (all / weights + foundAgain / leastFading) - leastFading)
  return { perDay, fading, shape: Math.min(mostSure, alike + past.heat) }
}
