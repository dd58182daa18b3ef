import { boundsOf, type Bounds } from './bounds.ts'
import { serveRanges } from './range-server.ts'
import type { ReadingOptions, Source } from './source.ts'
import type { Structure } from './structure.ts'

/** A video that ffmpeg can be set to work on. */
export interface Input extends Structure {
  url: string
  /** ffmpeg's name of the only demuxer that may look at it. */
  demuxer: string
  /** Bytes of the file. */
  size: number
  /** What may be made of it. */
  bounds: Bounds
  /** Aborts when the caller's signal does, or when the source could not be read: every ffmpeg on it is then killed. */
  signal: AbortSignal
  close(): Promise<void>
}

const demuxers = { mp4: 'mov', mov: 'mov', avi: 'avi', mkv: 'matroska', webm: 'matroska' }

/** Serves a source of known structure to ffmpeg until `close`. */
export async function openInput(
  source: Source,
  structure: Structure,
  options: ReadingOptions = {},
): Promise<Input> {
  const bounds = boundsOf(source.size)
  const server = await serveRanges(source, { ...options, mostRequests: bounds.requests })
  return {
    ...structure,
    url: server.url,
    demuxer: demuxers[structure.container],
    size: source.size,
    bounds,
    signal: options.signal ? AbortSignal.any([options.signal, server.failed]) : server.failed,
    close: () => server.close(),
  }
}
