import { open } from 'node:fs/promises'

/** Writes a video of so many bytes: what it lacks is a box that readers skip. */
export async function writeLargeVideo(path: string, video: Buffer, bytes: number): Promise<string> {
  await using file = await open(path, 'w')
  await file.write(Buffer.concat([video, freeBox(bytes - video.length)]))
  await file.truncate(bytes)
  return path
}

/** The beginning of a box of so many bytes that readers skip. */
export function freeBox(bytes: number): Buffer {
  const beginning = Buffer.alloc(8)
  beginning.writeUInt32BE(bytes)
  beginning.write('free', 4)
  return beginning
}
