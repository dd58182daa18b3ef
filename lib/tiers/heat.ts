/** How often an object was asked for, an access counting half after each half-life; after a half-life of 0, whole for ever. */
export const cooled = (heat: number, days: number, halfLifeDays: number): number =>
  halfLifeDays === 0 ? heat : heat * 2 ** (-days / halfLifeDays)

/** Days until a heat has cooled below a count: 0 where it is below already, Infinity where it never is. */
export function daysUntilBelow(heat: number, count: number, halfLifeDays: number): number {
  if (heat < count) return 0
  if (halfLifeDays === 0 || count <= 0) return Infinity
  return halfLifeDays * Math.log2(heat / count)
}
