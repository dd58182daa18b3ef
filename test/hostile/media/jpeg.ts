/** How a JPEG's frame header begins: its marker and length, and eight bits for each colour. */
const frameHeader = Buffer.from('ffc0001108', 'hex')

/** A JPEG that says that it has so many pixels on each side, and just as many bytes as make a decoder believe that. */
export function giantPicture(video: Buffer, pixels: number): Buffer {
  const picture = firstPicture(video)
  const size = picture.indexOf(frameHeader) + frameHeader.length
  picture.writeUInt16BE(pixels, size)
  picture.writeUInt16BE(pixels, size + 2)
  const blocks = Math.ceil(pixels / 8) ** 2
  return Buffer.concat([picture, Buffer.alloc(blocks / 4)])
}

/** A copy of the first JPEG in a video. */
export function firstPicture(video: Buffer): Buffer {
  const start = video.indexOf(Buffer.from('ffd8ff', 'hex'))
  return Buffer.from(video.subarray(start, video.indexOf(Buffer.from('ffd9', 'hex'), start) + 2))
}
