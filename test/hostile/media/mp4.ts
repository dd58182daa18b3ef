import { box, children, words } from '../../../functions/transcode/media/mp4/boxes.ts'

/** One MP4 box around these contents. */
export const boxOf = (type: string, ...content: Buffer[]): Buffer => Buffer.concat(box(type, ...content))

/** The same boxes, with what `change` makes of the content of all those at the end of the path. */
export function rewritten(parent: Buffer, path: string[], change: (content: Buffer) => Buffer): Buffer {
  const [type, ...rest] = path
  if (type === undefined) return change(parent)
  return Buffer.concat(
    [...children(parent)].map((each) =>
      each.type === type ? boxOf(type, rewritten(each.content, rest, change)) : each.whole,
    ),
  )
}

export const sampleTable = ['moov', 'trak', 'mdia', 'minf', 'stbl']

/** The movie, whose index is at its end, with this content of one of its tables. */
export const withTable = (movie: Buffer, type: string, ...content: Buffer[]): Buffer =>
  rewritten(movie, [...sampleTable, type], () => Buffer.concat(content))

/** A table's head and its numbers: version and flags 0, then how many entries there are by its own account. */
export const table = (count: number, ...numbers: number[]): Buffer => words(0, count, ...numbers)

export const ftyp = boxOf('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1'))
