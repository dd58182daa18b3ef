import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import { startServer } from '../server.ts'
import { framesOf } from './frames.ts'

/** A kind of file, and what becomes of it where nothing goes wrong. */
export interface Source {
  name: string
  bytes: Buffer<ArrayBuffer>
  path: string
  becomes: { frames: Buffer; mp4?: Buffer } | { code: string }
}

const makers: Record<string, () => Promise<Buffer<ArrayBuffer>>> = {
  'an MP4': () => makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 8 }),
  'an AVI with PCM': () => makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 5 }),
  'an AVI with MP3': () => makeVideo({ format: ['avi'], audio: ['libmp3lame'], seconds: 12 }),
  'an MKV': () => makeVideo({ format: ['matroska'], audio: ['ac3'], seconds: 3, channels: 1 }),
  'a WebM': () =>
    makeVideo({
      ...{ format: ['webm'], audio: ['libopus'], video: ['libvpx'] },
      ...{ seconds: 4, sampleRate: 48000 },
    }),
  'a longer MOV': () =>
    makeVideo({ format: ['mov'], audio: ['pcm_s16le'], video: ['mjpeg'], seconds: 50, channels: 1 }),
  'no video': async () => noVideo,
  'half an MP4': async () => {
    const whole = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 8 })
    return whole.subarray(0, whole.length / 2)
  },
}

/** Every kind of file, in `folder`, converted once by a server that nothing happens to. */
export async function makeSources(folder: string): Promise<[Source, ...Source[]]> {
  const server = await startServer()
  try {
    const client = new Client(server)
    const make = async ([name, bytesOf]: (typeof entries)[number]): Promise<Source> => {
      const bytes = await bytesOf()
      const path = join(folder, name)
      await writeFile(path, bytes)
      return { name, bytes, path, becomes: await convertOnce(client, name, bytes) }
    }
    const entries = Object.entries(makers)
    const [first, ...others] = await Promise.all(entries.map(make))
    if (!first) throw new Error('There are no sources.')
    return [first, ...others]
  } finally {
    await server.stop()
  }
}

async function convertOnce(
  client: Client,
  filename: string,
  bytes: Buffer<ArrayBuffer>,
): Promise<Source['becomes']> {
  const { id } = await client.uploadEither({ filename, bytes })
  const job = await client.until(id, ({ status }) => status === 'MP3_COMPLETED' || status === 'FAILED')
  if (job.error) return { code: job.error.code }
  const frames = framesOf(await client.mp3(id))
  if (!job.video || 'skipped' in job.video) return { frames }
  const { url } = await client.json<{ url: string }>(`/download/${id}/video?format=json`)
  return { frames, mp4: Buffer.from(await (await fetch(url)).arrayBuffer()) }
}
