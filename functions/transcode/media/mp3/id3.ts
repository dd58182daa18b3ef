export interface Tags {
  title: string
  /** The name of the file that the sound is from. */
  sourceName: string
  durationSeconds: number
}

/** An ID3v2.3 tag (https://id3.org/id3v2.3.0): title, original filename, length in milliseconds. */
export function id3Tag({ title, sourceName, durationSeconds }: Tags): Buffer {
  const frames = Buffer.concat([
    textFrame('TIT2', title),
    textFrame('TOFN', sourceName),
    textFrame('TLEN', String(Math.round(durationSeconds * 1000))),
  ])
  const header = Buffer.alloc(10)
  header.write('ID3\x03', 'latin1')
  // "The ID3v2 tag size is encoded with four bytes where the most significant bit (bit 7) is set to zero in every byte."
  for (let byte = 0; byte < 4; byte++) header[9 - byte] = (frames.length >>> (7 * byte)) & 0x7f
  return Buffer.concat([header, frames])
}

function textFrame(id: string, text: string): Buffer {
  // A NUL would end the text. ID3v2.3 knows Latin-1 and UTF-16 with a byte order mark, no UTF-8.
  const content = Buffer.from(`\ufeff${text.replaceAll('\0', '').toWellFormed()}`, 'utf16le')
  const header = Buffer.alloc(11)
  header.write(id, 'latin1')
  header.writeUInt32BE(1 + content.length, 4)
  header[10] = 1 // UTF-16
  return Buffer.concat([header, content])
}
