/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  start: number
  end: number
}

export interface Representation {
  /** Bytes. */
  size: number
  /** A strong one, with its quotation marks; without it no If-Range is met. */
  etag?: string
}

const oneRange = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * Which part a GET with these headers asks for (RFC 9110, 14.2): one range of bytes, cut off after `mostBytes`; or the whole,
 * where there is no range, or one to be ignored. (Of the packages that read ranges, range-parser refuses a suffix that is longer
 * than the whole.)
 */
export function askedRange(
  { range, 'if-range': ifRange }: { range?: string | undefined; 'if-range'?: string | string[] | undefined },
  { size, etag }: Representation,
  mostBytes = Infinity,
): ByteRange | 'whole' | 'unsatisfiable' {
  // "If the condition is not true, the recipient MUST ignore the Range header field": no date is one of ours, a weak tag
  // never equal.
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return 'whole'
  // Several ranges may be ignored as well as those that cannot be understood.
  const [match, first = '', last = ''] = oneRange.exec(range) ?? []
  if (match === undefined || (first === '' && last === '')) return 'whole'
  if (first !== '' && last !== '' && Number(last) < Number(first)) return 'whole'
  // "If the selected representation is shorter than the specified suffix-length, the entire representation is used."
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  if (start >= size) return 'unsatisfiable'
  const wantedEnd = first === '' || last === '' ? size - 1 : Number(last)
  // "A server might want to send only a subset of the data requested."
  return { start, end: Math.min(wantedEnd, size - 1, start + mostBytes - 1) }
}
