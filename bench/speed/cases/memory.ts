import { stat } from 'node:fs/promises'
import { convertAlone } from '../alone.ts'
import { inTurns, type Case, type Line, type Options } from '../case.ts'
import { kinds, makeLarge, type Kind } from '../media.ts'
import { inFolder, needRoom } from '../place.ts'

const mostMib = 400

const bounds =
  'ffmpeg, which reads past pictures of a megabyte, takes 15 MiB more for it in each process, and as much alone with the same server; ' +
  'and what Node has read and not collected yet: up to 35 MiB, of which a longer run sees the most.'

/** Whether a large source takes more memory than a small one, and how much that is. */
export const memory: Case = {
  name: 'memory',
  async run(options) {
    const lines: Line[] = []
    for (const kind of [kinds.mp4Aac, kinds.aviPcm])
      lines.push(...(await inFolder((folder) => measure(folder, kind, options))))
    return lines
  },
}

async function measure(folder: string, kind: Kind, { quick, rounds }: Options): Promise<Line[]> {
  const [few, many] = quick ? [5e6, 20e6] : [100e6, 4e9]
  // The source itself, and what the server keeps of it: the source, the body of its MP4, and the MP4.
  await needRoom(many * (kind.format === 'avi' ? 4 : 2) + 1e9)
  // Of the same length: it is the size that is compared.
  const seconds = many / 1e7
  const small = await makeLarge(folder, kind, few, seconds)
  const large = await makeLarge(folder, kind, many, seconds)
  const [{ size: smallSize }, { size: largeSize }] = [await stat(small), await stat(large)]
  const { theirs, ours } = await inTurns(rounds, {
    theirs: async () => (await convertAlone(small)).mib,
    ours: async () => (await convertAlone(large)).mib,
  })
  const mb = (size: number): string =>
    size < 1e9 ? `${(size / 1e6).toFixed(0)} MB` : `${(size / 1e9).toFixed(1)} GB`
  const common = { bound: 'most' as const, ours: `${ours.toFixed(0)} MiB` }
  return [
    {
      ...common,
      name: `${kind.name}, peak with ${mb(largeSize)}`,
      peer: `Tapedeck with ${mb(smallSize)}`,
      theirs: `${theirs.toFixed(0)} MiB`,
      value: ours / theirs,
      limit: 1.1,
      bounds,
      note: 'the RSS of the server and the PSS of all its children together, ten times a second, while the file comes in and is converted; a new server each time.',
    },
    {
      ...common,
      name: `${kind.name}, peak itself with ${mb(largeSize)}`,
      peer: '',
      theirs: '',
      value: ours,
      unit: 'MiB',
      limit: mostMib,
    },
  ]
}
