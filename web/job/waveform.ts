/** The heights that a job's `waveform` tells, from 0 to 1. */
export const heightsOf = (waveform: string): number[] =>
  Array.from(atob(waveform), (byte) => byte.charCodeAt(0) / 255)

/** An SVG path of bars, mirrored about the middle, in a box of `heights.length` by 2. */
export function barsOf(heights: readonly number[]): string {
  const bar = (height: number, index: number): string => {
    const half = Math.max(0.03, height)
    return `M${index + 0.5} ${(1 - half).toFixed(3)}V${(1 + half).toFixed(3)}`
  }
  return heights.map(bar).join('')
}
