import { setTimeout as delay } from 'node:timers/promises'
import { exportPKCS8, generateKeyPair, type CryptoKey } from 'jose'
import { tokenAlgorithm } from '../../lib/users.ts'
import { signUp, type User } from '../accounts.ts'
import { Client, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, type TestServer } from '../server.ts'

/** What there has to be for every answer to be given: servers, a user, and jobs of every kind. */
export interface World {
  server: TestServer
  /** The server's administrator; the jobs are theirs. */
  client: Client
  /** What the server signs its tokens with. */
  signingKey: CryptoKey
  /** No administrator. */
  user: User
  avi: Buffer<ArrayBuffer>
  /** Has an MP3 of 8 MiB at most, and an MP4. */
  small: JobView
  /** Has a larger MP3, and no MP4. */
  large: JobView
  failed: JobView
  /** Its bytes never come. */
  waiting: JobView
  /** The administrator of a server that keeps no videos. */
  elsewhere: Client
  /** A job on that server: it has failed, and its video is gone. */
  sourceless: JobView
  end(): Promise<void>
}

const notes = { filename: 'notes.txt', bytes: Buffer.from('This is not a video.') }

export async function makeWorld(): Promise<World> {
  await using started = new AsyncDisposableStack()
  const { privateKey: signingKey } = await generateKeyPair(tokenAlgorithm, { extractable: true })
  const SIGNING_KEY = await exportPKCS8(signingKey)
  const server = await startServer({ env: { SIGNING_KEY, CLOUD_LIKE: '1' } })
  started.defer(() => server.stop())
  const forgetful = await startServer({ env: { SOURCE_DAYS: '0.000001', SWEEP_SECONDS: '0.1' } })
  started.defer(() => forgetful.stop())
  const client = new Client(server)
  const elsewhere = new Client(forgetful)
  const world = {
    server,
    client,
    signingKey,
    user: await signUp(client),
    waiting: (await client.openSession({ filename: 'a.mp4', size: 1 })).job,
    ...(await convert(client)),
    failed: await client.failed((await client.upload(notes)).id),
    elsewhere,
    sourceless: await loseSource(elsewhere),
  }
  const running = started.move()
  return { ...world, end: () => running.disposeAsync() }
}

async function convert(client: Client): Promise<Pick<World, 'avi' | 'small' | 'large'>> {
  const avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
  const small = await client.completed((await client.upload({ filename: 'small.avi', bytes: avi })).id)
  // Its MP3 is taken over bit by bit, which is quick.
  const audio = ['libmp3lame', '-b:a', '320k']
  const video = ['mpeg4', '-r', '1']
  const mkv = await makeVideo({ format: ['matroska'], audio, video, seconds: 215, silent: true })
  const large = await client.completed(
    (await client.uploadBySession({ filename: 'large.mkv', bytes: mkv })).id,
  )
  return { avi, small, large }
}

async function loseSource(client: Client): Promise<JobView> {
  let job = await client.upload(notes)
  while (!job.source.gone) {
    await delay(25)
    job = await client.job(job.id)
  }
  return job
}
