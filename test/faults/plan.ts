import type { Random } from '../random.ts'
import type { Source } from './sources.ts'

/** What somebody does with one file, and after it. */
export interface Step {
  source: Source
  filename: string
  by: 'form' | 'session'
  /** After the upload. */
  pauseMs: number
  /** Of which of the jobs that there are by then, from 0 to below 1, a file is asked for, if of any; and of which kind. */
  download?: { pick: number; kind: 'mp3' | 'mp4' }
  /** The same for a deletion. */
  remove?: { pick: number }
}

/** All that one person does, drawn before anything happens: whatever happens, it stays the same. */
export function planOf(
  person: number,
  files: number,
  sources: readonly [Source, ...Source[]],
  random: Random,
): Step[] {
  return Array.from({ length: files }, (_, file) => {
    const source = random.oneOf(sources)
    const by = random.chance(0.5) ? 'form' : 'session'
    const pauseMs = random.between(0, 2500)
    const [downloads, kind] = [random.chance(0.6), random.chance(0.2) ? 'mp4' : 'mp3'] as const
    const [removes, asked, removed] = [random.chance(0.1), random.next(), random.next()]
    return {
      ...{ source, filename: `${source.name} ${person}.${file + 1}`, by, pauseMs },
      ...(downloads && { download: { pick: asked, kind } }),
      ...(removes && { remove: { pick: removed } }),
    }
  })
}

/** The one that a number from 0 to below 1 means. */
export const picked = <T>(all: readonly T[], pick: number): T | undefined =>
  all[Math.floor(pick * all.length)]
