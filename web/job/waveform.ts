/** The heights that a job's `waveform` tells, from 0 to 1. */
export const heightsOf = (waveform: string): number[] =>
  Array.from(atob(waveform), (byte) => byte.charCodeAt(0) / 255)

/** As many heights as there are bars: each the highest of those in its place. */
export const resample = (heights: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * heights.length) / count)
    const to = Math.ceil(((index + 1) * heights.length) / count)
    return Math.max(0, ...heights.slice(from, to))
  })

/** Where bars go, in device pixels. Whole ones: else each would be blurred in its own way. */
export interface Grid {
  bar: number
  /** From one to the next. */
  pitch: number
  count: number
}

/** Bars of 2 pixels and gaps of 1, or what is nearest to that on this screen. */
export function gridFor(width: number, pixelRatio: number): Grid {
  const bar = Math.max(1, Math.round(2 * pixelRatio))
  const pitch = bar + Math.max(1, Math.round(pixelRatio))
  return { bar, pitch, count: Math.max(0, Math.floor((Math.floor(width * pixelRatio) - bar) / pitch) + 1) }
}

/** An SVG path of bars, mirrored about the middle of a box that is 2 high. */
export function barsOf(heights: readonly number[], { bar, pitch }: Grid): string {
  const draw = (height: number, index: number): string => {
    const half = Math.max(0.03, height)
    return `M${index * pitch} ${(1 - half).toFixed(3)}h${bar}v${(2 * half).toFixed(3)}h${-bar}z`
  }
  return heights.map(draw).join('')
}
