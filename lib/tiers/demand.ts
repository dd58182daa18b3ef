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

/** One way in which objects are asked for. */
interface Kind {
  /** The share of objects that are of it. */
  share: number
  /** Accesses a day of a new object, on average. */
  newPerDay: number
  /** The share of these by which they fall each day. */
  fading: number
}

const fadingKind = (share: number, accesses: number, halfLifeDays: number): Kind => {
  const fading = Math.LN2 / halfLifeDays
  return { share, newPerDay: accesses * fading, fading }
}

/** A guess that fits music and talks: they are listened to when they are new, and fade within days or within months. */
export const population = {
  kinds: [
    fadingKind(0.25, 8, 5),
    fadingKind(0.25, 8, 15),
    fadingKind(0.25, 8, 50),
    fadingKind(0.2, 8, 150),
    { share: 0.05, newPerDay: 0.01, fading: 1e-6 },
  ] as Kind[],
  /** How alike objects of a kind are: the shape of the gamma distribution of their rates. Below 1 a few get nearly everything. */
  shape: 0.25,
  /** Of any age may be found again: for some days by many. */
  burst: { share: 0.02, accesses: 20, days: 5 },
}

/** What is expected of an object if it is of one kind, and how much its past speaks for that. */
interface Guess {
  weight: number
  perDay: number
  fading: number
}

/**
 * The usual accesses up to the latest one, counted as heat, those since, and those a day now: by the conjugate update of a gamma
 * distribution, https://en.wikipedia.org/wiki/Conjugate_prior (Poisson), of how much more than usual the object is asked for.
 */
function guess(
  share: number,
  heat: number,
  usual: [heat: number, since: number, now: number],
  fading: number,
): Guess {
  const { shape } = population
  const scale = shape + usual[0] + usual[1]
  const likelihood = heat * Math.log(usual[0] + 1e-12) - (shape + heat) * Math.log(scale)
  return { weight: Math.log(share) + likelihood, perDay: (usual[2] * (shape + heat)) / scale, fading }
}

/**
 * What is to be expected of an object by its own past, weighed against what is usual. How fast it fades shows in how long ago it
 * was asked for (`idleDays`).
 */
export function expectedDemand(
  { heat, ageDays, idleDays = 0 }: Holding & { idleDays?: number },
  halfLifeDays: number,
): Demand {
  const cooling = halfLifeDays === 0 ? 0 : Math.LN2 / halfLifeDays
  // As it was at the latest access.
  const then = heat * Math.exp(cooling * idleDays)
  const activeDays = Math.max(0, ageDays - idleDays)
  const guesses = population.kinds.map(({ share, newPerDay, fading }) => {
    const [fadedThen, faded] = [Math.exp(-fading * activeDays), Math.exp(-fading * ageDays)]
    const gone = cooling - fading
    const usual = (fadedThen - Math.exp(-cooling * activeDays)) / (Math.abs(gone) < 1e-9 ? 1e-9 : gone)
    return guess(
      share,
      then,
      [newPerDay * Math.max(0, usual), (newPerDay * (fadedThen - faded)) / fading, newPerDay * faded],
      fading,
    )
  })
  const { share, accesses, days } = population.burst
  const left = Math.exp(-idleDays / days)
  if (heat > 0)
    guesses.push(
      guess(share, then, [accesses / 2, (accesses / 2) * (1 - left), (accesses / 2 / days) * left], 1 / days),
    )
  return together(guesses, population.shape + then)
}

/** Guesses as one, in which as much is expected now and, about, in all. */
function together(guesses: readonly Guess[], shape: number): Demand {
  const top = guesses.reduce((most, { weight }) => Math.max(most, weight), -Infinity)
  let [sum, perDay, all] = [0, 0, 0]
  for (const guess of guesses) {
    const weight = Math.exp(guess.weight - top)
    sum += weight
    perDay += weight * guess.perDay
    all += (weight * guess.perDay) / (guess.fading + perDayAtLeast)
  }
  return { perDay: perDay / sum + 1e-9, fading: Math.max(1e-6, perDay / all - perDayAtLeast), shape }
}

// Nothing is expected for longer than some years.
const perDayAtLeast = 1 / 730
