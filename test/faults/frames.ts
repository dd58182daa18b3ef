/** An MP3 without its ID3 tag, which has the name of its file. */
export function framesOf(mp3: Buffer): Buffer {
  if (mp3.toString('latin1', 0, 3) !== 'ID3') return mp3
  // ID3v2, 3.1: four times seven bits, the header's ten bytes not included.
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + mp3.readUInt8(at), 0)
  return mp3.subarray(10 + size)
}
