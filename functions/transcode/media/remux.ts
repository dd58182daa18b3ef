import { assertMp4Within } from './bounds.ts'
import { deliver, type Store } from './deliver.ts'
import { throwUnlessEnded } from './exit.ts'
import { startFfmpeg } from './ffmpeg.ts'
import type { Input } from './input.ts'
import { FfmpegLog } from './log.ts'
import { MediaError } from './media-error.ts'
import { Indexer, type Head } from './mp4/indexer.ts'
import type { Media } from './probe.ts'

// What MP4 can hold.
const mp4AudioCodecs = new Set(['aac', 'mp3', 'mp2', 'ac3', 'eac3', 'dts', 'vorbis', 'opus', 'flac', 'alac'])

// Without these an MP4 would say other things of its pictures. Of all others the container and the parsers know enough.
const pictureDecoders = ['mpeg1video', 'mpeg2video']

/** What belongs in front of what was stored, if that can be told; or the reason, which lies in the video, why there is no MP4. */
export type Remuxed = Head | { skipped: string }

/**
 * Puts a video's first video and audio tracks, as they are, into an MP4, whose body goes to `store`. (Where it is skipped,
 * `store`'s body throws.) Throws only the source's errors, `store`'s, or the reason of the input's signal.
 */
export async function remuxToMp4(
  input: Input,
  media: Media,
  { onProgress }: { onProgress?: (fraction: number) => void },
  store: Store,
): Promise<Remuxed> {
  if (media.videoCodec === undefined) return { skipped: 'The file has no pictures.' }
  const log = new FfmpegLog()
  const indexer = new Indexer()

  async function* fragments(signal: AbortSignal): AsyncGenerator<Buffer> {
    const { stdout, exit, stop } = await startFfmpeg({
      input,
      signal,
      // AVI says only when a picture is decoded, MP4 wants to know as well when it is shown.
      inputOptions: ['-fflags', '+genpts'],
      pictureDecoders,
      outputOptions: mp4Options(media.audioCodec),
      onLine: (line) => {
        log.read(line)
        if (log.durationSeconds && log.positionSeconds)
          onProgress?.(Math.min(1, log.positionSeconds / log.durationSeconds))
      },
    })
    let made = 0
    try {
      for await (const chunk of stdout) {
        const bytes: Buffer = chunk
        made += bytes.length
        assertMp4Within(input.bounds, made)
        indexer.push(bytes)
        yield bytes
      }
    } finally {
      if (!stdout.readableEnded) await stop()
    }
    const { code } = throwUnlessEnded(await exit, log)
    if (code !== 0) throw unsuitable(media.videoCodec, log)
  }
  try {
    if (!(await deliver(fragments, store, input.signal))) throw new Error('The MP4 was not stored to its end')
  } catch (error) {
    if (error instanceof MediaError) return { skipped: error.message }
    throw error
  }
  return indexer.head()
}

// Whole numbers of up to 24 bits: FLAC keeps every one, and takes an eighth of the time that AAC takes.
const losslessAsFlac = /^pcm_(u8|[su](16|24)[bl]e)$/

/** Other sound than MP4 can hold becomes FLAC if that loses nothing, else AAC. */
function mp4Sound(audioCodec: string): string {
  if (mp4AudioCodecs.has(audioCodec)) return 'copy'
  return losslessAsFlac.test(audioCodec) ? 'flac' : 'aac'
}

const mp4Options = (audioCodec: string): string[] => {
  const audio = mp4Sound(audioCodec)
  const streams = ['-map', '0:v:0', '-map', '0:a:0', '-map_metadata', '-1', '-c:v', 'copy', '-c:a', audio]
  // To a pipe ffmpeg writes only fragments. They hold the pictures of a second, then its sound: so far apart do they lie, and
  // so much does ffmpeg keep in memory.
  const fragments = ['-movflags', 'empty_moov+delay_moov+default_base_moof', '-frag_duration', '1000000']
  return [...streams, ...fragments, '-f', 'mp4']
}

function unsuitable(codec: string | undefined, log: FfmpegLog): MediaError {
  const cause = new Error(`ffmpeg: ${log.lastErrors.join('; ')}`)
  return new MediaError('CORRUPT', `MP4 cannot hold this video as it is (${codec}).`, { cause })
}
