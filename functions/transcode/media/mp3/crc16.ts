const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  return crc
})

/** CRC-16/ARC (polynomial 0x8005, reflected), the one in LAME's tag; `crc` is that of the bytes before these. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  // By index, not by iterator: every byte of every MP3 comes by here, and that takes half the time. The indices are always there;
  // the defaults only satisfy the types.
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return crc
}
