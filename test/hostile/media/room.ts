import {
  encodeMp3,
  MediaError,
  openInput,
  probe,
  probeByDecoding,
  readStructure,
  remuxToMp4,
  type Input,
} from '../../../functions/transcode/media/index.ts'
import { sourceOf } from '../../../functions/transcode/media/testing.ts'
import type { Ending } from './attack.ts'

/** What became of a file: an ending, or what should not have been. */
export interface Outcome {
  ending: Ending | 'UNEXPECTED'
  /** The error's words, or those that belong to the MP3. */
  words: string
  seconds: number
  /** Everything that was made of it. */
  made: Buffer[]
}

type Options = { bitrate?: number; quality?: number }

/** Takes a file through the rooms of a conversion, as a worker does, without a server around them. */
export async function convertInRoom(bytes: Buffer, options: Options, mostSeconds: number): Promise<Outcome> {
  const begun = performance.now()
  const made: Buffer[] = []
  const outcome = (ending: Outcome['ending'], words: string): Outcome => ({
    ending,
    words,
    seconds: (performance.now() - begun) / 1000,
    made,
  })
  const timeIsUp = AbortSignal.timeout(mostSeconds * 1000)
  try {
    const source = sourceOf(bytes)
    const input = await openInput(source, await readStructure(source), { signal: timeIsUp })
    try {
      return outcome('MP3', await convert(input, options, made))
    } finally {
      await input.close()
    }
  } catch (error) {
    if (error instanceof MediaError) return outcome(error.code, error.message)
    return outcome('UNEXPECTED', error instanceof Error ? `${error.stack}` : String(error))
  }
}

async function convert(input: Input, options: Options, made: Buffer[]): Promise<string> {
  const store = async (body: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of body) made.push(piece)
  }
  const media = await probe(input)
  if (input.container === 'avi') {
    const remuxed = await remuxToMp4(input, media, {}, store)
    if ('head' in remuxed) made.push(...remuxed.head)
  }
  try {
    const { header, ...facts } = await encodeMp3(input, media, { options, filename: 'hostile' }, store)
    made.push(header)
    return JSON.stringify({ media, ...facts })
  } catch (error) {
    // As a worker does: where the structure was believed, ffmpeg may know better.
    if (input.media && !(error instanceof MediaError) && !input.signal.aborted) await probeByDecoding(input)
    throw error
  }
}
