/** What is remembered of how an object was asked for. Ages and times are in days. */
export interface Demand {
  /** Accesses so far. */
  count: number
  /** The ages that the object had at each of them, added up. */
  ageSum: number
  /** The accesses again, each worth half as much a day later: what goes on right now. */
  recent: number
  /** The age at which `recent` was that. */
  recentAge: number
}

export const noDemand: Demand = { count: 0, ageSum: 0, recent: 0, recentAge: 0 }

/** The demand after so many accesses more, at this age. */
export const afterAccesses = (demand: Demand, accesses: number, age: number): Demand => ({
  count: demand.count + accesses,
  ageSum: demand.ageSum + accesses * age,
  recent: recentAt(demand, age) + accesses,
  recentAge: age,
})

/** What is left of something after a time in which it halves again and again; with a half-life of 0 it stays as it is. */
export const decayed = (value: number, days: number, halfLifeDays: number): number =>
  halfLifeDays === 0 ? value : value * 2 ** (-days / halfLifeDays)

const recentHalfLife = 1
const recentAt = ({ recent, recentAge }: Demand, age: number): number =>
  decayed(recent, age - recentAge, recentHalfLife)

/** How fast the interest in an object may fade: half-lives, in days. */
const halfLives = [4, 8, 16, 32, 64, 128]
const year = 365
/** Before anything is known: as many accesses in an object's life as a gamma distribution of this shape and rate says. */
const prior = { shape: 2, rate: 0.5 }
/** Of the accesses that have just been, so many are expected again: whoever is talked about is asked for by others. */
const echo = 0.7
/** However fast the interest fades, in each year there comes this share of all accesses. */
const lasting = 0.02

/** How many accesses are expected until `days` from now, for each of these numbers of days. */
export type Forecast = (days: readonly number[]) => number[]

/**
 * What is to be expected of an object at this age. Each object is thought to be asked for A times in all: with a half-life h
 * that nobody knows, at the rate A·ln2/h·2^(-age/h), or evenly over a year. A has a gamma distribution before anything is
 * known (shape a, rate b); after n accesses at the ages t, the weight of each h is
 * (ln2/h)^n · 2^(-Σt/h) / (b + 1 - 2^(-age/h))^(n+a), and what A is expected to be (n+a) / (b + 1 - 2^(-age/h)).
 */
export function forecast(demand: Demand, age: number): Forecast {
  const { count, ageSum } = demand
  const shape = count + prior.shape
  const weights: number[] = []
  const totals: number[] = []
  for (const h of halfLives) {
    const rate = prior.rate + 1 - 2 ** (-age / h)
    weights.push(count * Math.log(Math.LN2 / h) - (ageSum * Math.LN2) / h - shape * Math.log(rate))
    totals.push(shape / rate)
  }
  const evenRate = prior.rate + age / year
  weights.push(-count * Math.log(year) - shape * Math.log(evenRate))
  const most = Math.max(...weights)
  const shares = weights.map((weight) => Math.exp(weight - most))
  const sum = shares.reduce((all, share) => all + share, 0)
  const perDay = (((shares.at(-1) ?? 0) / sum) * (shape / evenRate) + lasting * shape) / year
  const left = halfLives.map((h, k) => ((shares[k] ?? 0) / sum) * (totals[k] ?? 0) * 2 ** (-age / h))
  const echoes = echo * recentAt(demand, age)
  return (days) =>
    days.map((d) => {
      let expected = perDay * d + echoes * (1 - 2 ** (-d / recentHalfLife))
      for (const [k, h] of halfLives.entries()) expected += (left[k] ?? 0) * (1 - 2 ** (-d / h))
      return expected
    })
}
