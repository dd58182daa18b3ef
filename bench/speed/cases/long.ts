import { median, type Case, type Line } from '../case.ts'
import { makeLong } from '../media.ts'
import { inFolder, needRoom } from '../place.ts'
import { onTwoCores } from '../processes.ts'
import { convertAlone, type Measured } from '../alone.ts'

const limit = 1.1

const bounds = {
  MP4:
    'the index of every sample that ffmpeg makes when it opens an MP4, in each process: alone it takes 118 MB for ten hours, and 26 MB ' +
    'for half an hour.',
  MKV: 'what Node has read and not collected yet: up to 35 MiB, of which a longer run sees the most.',
}

/** Whether ten hours take as long per hour as half an hour does, and no more memory. */
export const long: Case = {
  name: 'long',
  run: ({ quick, rounds }) =>
    onTwoCores(() =>
      inFolder(async (folder) => {
        const seconds = quick ? 5 : 30 * 60
        const times = quick ? 4 : 20
        await needRoom(seconds * times * 100_000)
        const lines: Line[] = []
        for (const format of ['mp4', 'matroska'] as const) {
          const half = await makeLong(folder, format, seconds, 1)
          const ten = await makeLong(folder, format, seconds, times)
          const halves: Measured[] = []
          for (let round = 0; round < rounds; round++) halves.push(await convertAlone(half))
          const [short] = halves
          const whole = await convertAlone(ten)
          checkLength(whole, seconds * times)
          if (short) checkLength(short, seconds)
          const kind = format === 'mp4' ? 'MP4' : 'MKV'
          lines.push(...linesOf(kind, quick ? ['5 s', '20 s'] : ['30 min', '10 h'], halves, whole))
        }
        return lines
      }),
    ),
}

/** Throws where an MP3 is not as long as the sound that was put together, so that no part of it was left out. */
function checkLength({ durationSeconds }: Measured, seconds: number): void {
  // The sound ends with a whole frame, each time that it is repeated.
  if (Math.abs(durationSeconds / seconds - 1) > 0.02)
    throw new Error(`The MP3 is ${durationSeconds} s long instead of ${seconds} s.`)
}

function linesOf(
  kind: keyof typeof bounds,
  [half, ten]: [half: string, ten: string],
  halves: Measured[],
  whole: Measured,
): Line[] {
  const perHour = ({ seconds, durationSeconds }: Measured): number => (seconds / durationSeconds) * 3600
  const [times, peaks] = [median(halves.map(perHour)), median(halves.map(({ mib }) => mib))]
  const note = `${ten} are converted once. The sound is AAC, and each has a server that was just started.`
  const common = { peer: `Tapedeck with ${half}`, limit, bound: 'most' as const }
  return [
    {
      ...common,
      name: `${kind}, time for each hour of ${ten}`,
      ours: `${perHour(whole).toFixed(1)} s`,
      theirs: `${times.toFixed(1)} s`,
      value: perHour(whole) / times,
      note,
    },
    {
      ...common,
      name: `${kind}, peak memory with ${ten}`,
      ours: `${whole.mib.toFixed(0)} MiB`,
      theirs: `${peaks.toFixed(0)} MiB`,
      value: whole.mib / peaks,
      bounds: bounds[kind],
    },
  ]
}
