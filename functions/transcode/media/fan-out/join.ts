/**
 * Whether two workers, who have encoded the same frames of the sound, heard it at the same place: two neighbouring frames are
 * equal bit for bit, and differ from each other. (Of silence, or a tone that repeats with every frame, equal frames prove
 * nothing.)
 */
export function areAtOnePlace(tail: readonly Buffer[], head: readonly Buffer[]): boolean {
  const isEqual = (index: number): boolean => {
    const [one, other] = [tail[index], head[index]]
    return one !== undefined && other !== undefined && one.equals(other)
  }
  return tail.some(
    (frame, index) => index > 0 && isEqual(index - 1) && isEqual(index) && !tail[index - 1]?.equals(frame),
  )
}
