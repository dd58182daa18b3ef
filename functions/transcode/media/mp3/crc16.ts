const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  return crc
})

/** CRC-16/ARC (polynomial 0x8005, reflected), the one in LAME's tag; `crc` is that of the bytes before these. */
export function crc16(bytes: Uint8Array, crc = 0): number {
  // The index is one byte, so the table always has it; the default only satisfies the type.
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
  return crc
}
