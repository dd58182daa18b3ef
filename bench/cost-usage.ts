import { functions, type FunctionName } from '../lib/functions.ts'
import { prices } from './prices.ts'

const priced = Object.keys(prices) as (keyof typeof prices)[]

/** Free, but worth knowing: the time of `transcode` and `work` with the CPU time in it, and what is stored. */
type Unpriced = 'workSeconds' | 'cpuSeconds' | 'sourceBytes' | 'mp3Bytes' | 'mp4Bytes'

/** How much of what was used; nothing of what is not named. */
export type Usage = { [quantity in keyof typeof prices | Unpriced]?: number }

/** What was used at one moment; `function` says whose request has just ended. */
export interface Reading {
  function?: FunctionName
  usage: Usage
}

/** US$. */
export const costOf = (usage: Usage): number =>
  priced.reduce((sum, name) => sum + ((usage[name] ?? 0) / prices[name].per) * prices[name].usd, 0)

/** Adds usages up, each so many times. */
export function combine(...parts: [factor: number, usage: Usage][]): Usage {
  const sum: Usage = {}
  for (const [factor, usage] of parts)
    for (const [name, amount] of Object.entries(usage) as [keyof Usage, number][])
      sum[name] = (sum[name] ?? 0) + factor * amount
  return sum
}

export const total = (readings: readonly Reading[]): Usage =>
  combine(...readings.map(({ usage }): [number, Usage] => [1, usage]))

/** What a video of a certain length uses. */
export interface Measured {
  minutes: number
  usage: Usage
}

/** What a video of so many minutes uses: part of it is the same for every video, the rest grows with the length. */
export function atLength(minutes: number, short: Measured, long: Measured): Usage {
  const beyond = (minutes - long.minutes) / (long.minutes - short.minutes)
  return combine([1 + beyond, long.usage], [-beyond, short.usage])
}

/** A request that has taken so long is billed for all that its instance has, "rounded up to the nearest 100 millisecond". */
export function requestUsage(name: FunctionName, seconds: number): Usage {
  const { cpu, memoryMiB } = functions[name]
  const billed = Math.ceil(seconds * 10) / 10
  return { requests: 1, vcpuSeconds: billed * cpu, gibSeconds: (billed * memoryMiB) / 1024 }
}
