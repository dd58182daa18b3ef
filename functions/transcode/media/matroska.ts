const segmentId = 0x18538067

/**
 * Where the file ends by what its Segment element says, in bytes from the file's beginning; undefined if the segment is of
 * unknown size, as in a live recording, or is not found in `head`.
 */
export function segmentEnd(head: Buffer): number | undefined {
  let at = 0
  while (at + 4 <= head.length) {
    const isSegment = head.readUInt32BE(at) === segmentId
    const id = vint(head, at)
    const size = id && vint(head, at + id.length)
    if (!size) return undefined
    const content = at + id.length + size.length
    if (isSegment) return size.unknown ? undefined : content + size.value
    at = content + size.value
  }
  return undefined
}

/** A variable-size integer (RFC 8794, section 4): as many leading zero bits as bytes follow, a marker bit, the value. */
function vint(bytes: Buffer, at: number): { length: number; value: number; unknown: boolean } | undefined {
  const first = bytes[at]
  if (first === undefined || first === 0) return undefined
  const length = Math.clz32(first) - 23
  if (at + length > bytes.length) return undefined
  let value = first & (0xff >>> length)
  let unknown = value === 0xff >>> length
  for (const byte of bytes.subarray(at + 1, at + length)) {
    value = value * 256 + byte
    unknown &&= byte === 0xff
  }
  return { length, value, unknown }
}
