import table from 'crc-32/crc32c.js'

/** The CRC32C of bytes whose CRC32C so far is `sum` (0 at the start), as a signed 32-bit number. */
export const extendCrc32c = (sum: number, bytes: Uint8Array): number => table.buf(bytes, sum)

/** A CRC32C as Cloud Storage writes it: big-endian, base64. */
export function encodeCrc32c(sum: number): string {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, sum)
  return btoa(String.fromCharCode(...bytes))
}
