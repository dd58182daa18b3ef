import { randomLcg, randomLogNormal, randomPoisson, randomUniform } from 'd3-random'
import type { Demand } from '../../lib/tiers/demand.ts'
import { lifeDays } from '../../lib/tiers/plan.ts'
import { TraceBuilder, type Trace } from './trace.ts'

/** What a made-up trace looks like. Chosen for what such collections are like, before any policy was tried on them. */
export interface Shape {
  name: string
  /** An object's reads in its whole life, on average over objects, without bursts. */
  readsEach: number
  /** The object at place n of popularity gets n to the power of minus this. */
  zipf: number
  /** Days after which an object is asked for half as often. */
  halfLifeDays: number
  /** What never fades, as a share of an object's first rate. */
  lasting: number
  /** The share of objects that are found again at some time, and the reads a day and days of that, on average. */
  bursts: { share: number; readsPerDay: number; days: number }
  /** How often on a Saturday or Sunday, for one on a working day. */
  weekend: number
}

export const shapes: readonly Shape[] = [
  {
    name: 'news: fades in days',
    readsEach: 5,
    zipf: 1,
    halfLifeDays: 7,
    lasting: 0,
    bursts: { share: 0.01, readsPerDay: 10, days: 4 },
    weekend: 0.6,
  },
  {
    name: 'talks: fade in weeks',
    readsEach: 8,
    zipf: 0.9,
    halfLifeDays: 20,
    lasting: 0.01,
    bursts: { share: 0.02, readsPerDay: 10, days: 5 },
    weekend: 0.7,
  },
  {
    name: 'music: fades in months',
    readsEach: 20,
    zipf: 0.8,
    halfLifeDays: 90,
    lasting: 0.03,
    bursts: { share: 0.02, readsPerDay: 10, days: 7 },
    weekend: 1.3,
  },
  {
    name: 'archive: few reads, many bursts',
    readsEach: 2,
    zipf: 0.9,
    halfLifeDays: 20,
    lasting: 0.05,
    bursts: { share: 0.1, readsPerDay: 15, days: 5 },
    weekend: 1,
  },
]

/** MP3s from about 4 to 90 MB, and a few MP4s of about 1 GB. */
const sizes = { mp3: { median: 20e6, sigma: 0.8 }, mp4: { median: 1e9, sigma: 0.4 }, mp4Share: 0.03 }

/** Objects, made in the first half of so many days, and their reads; the same for the same seed. */
export function synthetic(shape: Shape, objects: number, days: number, seed: number): Trace {
  const source = randomLcg(seed)
  const uniform = randomUniform.source(source)(1)
  const poisson = randomPoisson.source(source)
  const mp3 = randomLogNormal.source(source)(Math.log(sizes.mp3.median), sizes.mp3.sigma)
  const mp4 = randomLogNormal.source(source)(Math.log(sizes.mp4.median), sizes.mp4.sigma)
  const builder = new TraceBuilder()
  const rates = popularities(shape, objects, uniform)
  const [createdOn, bursts]: [number[], (Burst | undefined)[]] = [[], []]
  for (const rate of rates) {
    const born = Math.floor((uniform() * days) / 2)
    const bytes = Math.round(uniform() < sizes.mp4Share ? mp4() : mp3())
    const reads = new Map<number, number>()
    const add = (day: number, count: number): void => void reads.set(day, (reads.get(day) ?? 0) + count)
    for (const age of ages(shape, rate, days - born, uniform, poisson)) {
      const day = Math.floor(born + age)
      if (uniform() * Math.max(1, shape.weekend) < (isWeekend(day) ? shape.weekend : 1)) add(day, 1)
    }
    let burst: Burst | undefined
    if (uniform() < shape.bursts.share) {
      const from = born + Math.floor(uniform() * (days - born))
      burst = { from, until: Math.min(days, from + 1 + poisson(shape.bursts.days - 1)()) }
      for (let day = burst.from; day < burst.until; day++) add(day, poisson(shape.bursts.readsPerDay)())
    }
    builder.add(born, bytes, reads)
    createdOn.push(born)
    bursts.push(burst)
  }
  const demand = (object: number, day: number): Demand => {
    const born = createdOn[object] ?? 0
    const burst = bursts[object]
    const isOn = burst !== undefined && burst.from < day && day < burst.until
    return trueDemand(shape, (rates[object] ?? 0) * weekMean(shape), day - born, isOn)
  }
  return { ...builder.trace(shape.name, days), demand }
}

/** Days on which an object is found again: from one to before another. */
interface Burst {
  from: number
  until: number
}

/** Reads a day of each object when it is new, on working days or weekends, whichever has more. The order of objects is random. */
function popularities(shape: Shape, objects: number, uniform: () => number): Float64Array {
  const rates = Float64Array.from({ length: objects }, (_, place) => (place + 1) ** -shape.zipf)
  const sum = rates.reduce((one, other) => one + other, 0)
  const mean = (shape.readsEach * Math.LN2) / shape.halfLifeDays / weekMean(shape)
  for (let place = objects - 1; place >= 0; place--) {
    const other = Math.floor(uniform() * (place + 1))
    const [here, there] = [rates[place] ?? 0, rates[other] ?? 0]
    rates[place] = (there * mean * objects) / sum
    rates[other] = here
  }
  return rates
}

/** Ages, in days, at which an object would be read if all days were as busy as the busiest of the week. */
function* ages(
  { halfLifeDays, lasting }: Shape,
  rate: number,
  until: number,
  uniform: () => number,
  poisson: (mean: number) => () => number,
): Generator<number> {
  const mean = halfLifeDays / Math.LN2
  const fading = 1 - Math.exp(-until / mean)
  for (let count = poisson((1 - lasting) * rate * mean * fading)(); count > 0; count--)
    yield -mean * Math.log(1 - uniform() * fading)
  for (let count = poisson(lasting * rate * until)(); count > 0; count--) yield uniform() * until
}

const isWeekend = (day: number): boolean => day % 7 >= 5

/** How busy an average day is, for one on the busiest. */
const weekMean = ({ weekend }: Shape): number => (5 + 2 * weekend) / 7 / Math.max(1, weekend)

/**
 * What is to be expected of an object for who knows how popular it is, how it fades and how long bursts are (but not when one
 * begins), on weekdays and weekends alike: as one rate that fades evenly, so that as many reads are expected in all.
 */
function trueDemand(
  { halfLifeDays, lasting, bursts }: Shape,
  rate: number,
  ageDays: number,
  isBurst: boolean,
): Demand {
  const deleted = 1 / lifeDays
  const fading = rate * (1 - lasting) * 2 ** (-ageDays / halfLifeDays)
  // Rates a day, and by how much each falls a day.
  const lots: [perDay: number, fall: number][] = [
    [fading, Math.LN2 / halfLifeDays + deleted],
    [rate * lasting, deleted],
    [isBurst ? bursts.readsPerDay : 0, 1 / bursts.days],
  ]
  const perDay = lots.reduce((sum, [rate]) => sum + rate, 0)
  const reads = lots.reduce((sum, [rate, fall]) => sum + rate / fall, 0)
  return { perDay: Math.max(1e-9, perDay), fading: Math.max(1e-6, perDay / reads - deleted), shape: 1e6 }
}
