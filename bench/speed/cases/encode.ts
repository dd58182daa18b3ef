import { join } from 'node:path'
import { inTurns, median, type Case, type Line, type Options } from '../case.ts'
import { kinds, makeSource, type Kind } from '../media.ts'
import { inFolder } from '../place.ts'
import { ffmpeg, onTwoCores } from '../processes.ts'
import { convert, secondsBetween, secondsOf, withServer, type Server } from '../server.ts'

/** How ffmpeg makes the MP3 that Tapedeck makes. */
const encoding = ['-vn', '-b:a', '192k']
const encoder = `ffmpeg ${encoding.join(' ')}`
const bitrate = 192

/**
 * What is measured of a source: Tapedeck, with one worker, with its sound copied; ffmpeg alone, run twice, and two at once, each on a
 * half, whose MP3s nobody has joined yet: what two cores of this machine can do.
 */
type Side = 'ours' | 'single' | 'copied' | 'ffmpeg' | 'twice' | 'halves'

const peers: Partial<Record<Side, string>> = {
  ffmpeg: encoder,
  twice: `ffmpeg to MP4, then ${encoder} of that`,
  halves: `two ${encoder} at once, each on a half`,
}

interface Comparison {
  what: string
  ours: Side
  theirs: Side
  limit: number
  bounds?: string
}

const seeking =
  'CPU, all of which it uses: two processes on two cores of one machine are not twice as fast (the line "beside two at once"), and ' +
  'encoding without a bit reservoir, so that frames can be joined, takes 2 to 5 % more.'
const splitting =
  'CPU, all of which it uses: as with seeking; and handing the samples on through Node takes a tenth to a fifth, half of it garbage ' +
  'collection of buffers outside of its heap.'
const flac =
  'CPU: an MP4 is made as well. FLAC takes a sixth of what the MP3 takes, and Node, which hands 344 MB on twice and writes 180, a sixth ' +
  'of all.'
const copying =
  'CPU: an MP4 is made as well, of which ffmpeg takes 1 s; and Node, which hands the file on twice and looks at each frame and ' +
  'sample, 1 to 2.'

const single: Comparison = { what: ', one worker', ours: 'single', theirs: 'ffmpeg', limit: 1.06 }
const singleWithMp4 = { ...single, bounds: flac }
const twice: Comparison = { what: ' to MP4 and MP3', ours: 'ours', theirs: 'twice', limit: 0.6 }
const copied: Comparison = {
  ...{ what: ', sound copied', ours: 'copied', theirs: 'ffmpeg', limit: 0.05 },
  bounds: copying,
}
const halves: Comparison = { what: ', beside two at once', ours: 'ours', theirs: 'halves', limit: 1.1 }
const plain = (limit: number, bounds: string): Comparison => ({
  what: '',
  ours: 'ours',
  theirs: 'ffmpeg',
  limit,
  bounds,
})

const plan: [kind: Kind, comparisons: Comparison[]][] = [
  [kinds.mp4Aac, [plain(0.62, seeking), single, halves]],
  [kinds.aviPcm, [plain(0.62, flac), singleWithMp4, twice]],
  [kinds.aviMp3, [plain(0.62, copying), single, { ...twice, bounds: copying }, copied]],
  [kinds.webmOpus, [plain(0.75, splitting), single]],
  [kinds.mkvAc3, [plain(0.75, splitting), single]],
]

/** How long a video takes from its finalize event to its MP3, as its job's timeline has it, beside ffmpeg alone. */
export const encode: Case = {
  name: 'encode',
  run: (options) =>
    onTwoCores(() =>
      inFolder((folder) =>
        withServer({}, (ours) =>
          withServer({ CONVERSION_CORES: '1' }, async (single) => {
            const seconds = options.quick ? 6 : 30 * 60
            const length = options.quick ? `${seconds} s` : `${seconds / 60} min`
            const lines: Line[] = []
            for (const [kind, comparisons] of plan) {
              const source = await makeSource(folder, kind, seconds)
              const mp4Seconds: number[] = []
              const sides = sidesOf({ folder, kind, source, seconds, ours, single, mp4Seconds })
              const measured = await compare(`${kind.name}, ${length}`, comparisons, sides, options)
              lines.push(...(kind.format === 'avi' ? withNote(measured, median(mp4Seconds)) : measured))
            }
            return lines
          }),
        ),
      ),
    ),
}

/** What the first line of an AVI includes, and its peer does not. */
const withNote = ([first, ...others]: Line[], seconds: number): Line[] =>
  first
    ? [{ ...first, note: `ours makes an MP4 too, which takes ${seconds.toFixed(2)} s of it.` }, ...others]
    : []

interface Place {
  folder: string
  kind: Kind
  source: string
  seconds: number
  ours: Server
  single: Server
  /** Takes up how long the MP4s take that are made of an AVI first. */
  mp4Seconds: number[]
}

/** Each gives the seconds that it takes. */
function sidesOf({
  folder,
  kind,
  source,
  seconds,
  ours,
  single,
  mp4Seconds,
}: Place): Record<Side, () => Promise<number>> {
  const [mp3, mp4] = [join(folder, 'peer.mp3'), join(folder, 'peer.mp4')]
  // MP4 holds no PCM.
  const sound = kind === kinds.aviPcm ? 'aac' : 'copy'
  return {
    ours: async () => {
      const job = await convert(ours, source, { bitrate })
      mp4Seconds.push(secondsBetween(job, 'NEED_CONVERT', 'CREATING_MP3'))
      return secondsOf(job)
    },
    single: async () => secondsOf(await convert(single, source, { bitrate })),
    copied: async () => {
      const job = await convert(ours, source)
      if (job.target?.copied !== true) throw new Error(`The sound of ${source} was not copied.`)
      return secondsOf(job)
    },
    ffmpeg: () => ffmpeg(['-i', source, ...encoding, mp3]),
    halves: async () => {
      const half = String(seconds / 2)
      const both = [
        ffmpeg(['-t', half, '-i', source, ...encoding, mp3]),
        ffmpeg(['-ss', half, '-i', source, ...encoding, `${mp3}.2.mp3`]),
      ]
      return Math.max(...(await Promise.all(both)))
    },
    twice: async () =>
      (await ffmpeg(['-i', source, '-c:v', 'copy', '-c:a', sound, mp4])) +
      (await ffmpeg(['-i', mp4, ...encoding, mp3])),
  }
}

async function compare(
  name: string,
  comparisons: Comparison[],
  sides: Record<Side, () => Promise<number>>,
  { rounds }: Options,
): Promise<Line[]> {
  const used = new Set(comparisons.flatMap(({ ours, theirs }) => [ours, theirs]))
  const times = await inTurns<string>(
    rounds,
    Object.fromEntries([...used].map((side) => [side, sides[side]])),
  )
  return comparisons.map(({ what, ours, theirs, limit, bounds }) => {
    const [mine, other] = [times[ours] ?? Number.NaN, times[theirs] ?? Number.NaN]
    return {
      name: `${name}${what}`,
      peer: peers[theirs] ?? theirs,
      ours: `${mine.toFixed(2)} s`,
      theirs: `${other.toFixed(2)} s`,
      value: mine / other,
      limit,
      bound: 'most',
      ...(bounds !== undefined && { bounds }),
    }
  })
}
