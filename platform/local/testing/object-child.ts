import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from '../../ports.ts'
import { startBuckets } from './buckets.ts'

// A process to be killed or starved by a test. Arguments: the data folder, then what to do. It speaks in lines of JSON.
const [dataDir = '', task = '', bytes = '0'] = process.argv.slice(2)
const say = (line: unknown): boolean => process.stdout.write(JSON.stringify(line) + '\n')
const { objects } = await startBuckets(dataDir)

if (task === 'serve a session') {
  const object = { bucket: 'b', name: 'uploaded' }
  say(await objects.createUploadSession(object, { contentType: 'video/mp4', size: Number(bytes) }))
}

if (task === 'write for ever')
  for (let i = 0; ; i++) {
    // Half of the writes are replacements.
    const name = `written-${Math.floor(i / 2)}`
    const { generation } = await objects.write({ bucket: 'b', name }, body(Number(bytes), i), {
      contentType: 'x/y',
    })
    say({ name, generation, seed: i })
  }

if (task === 'write once') {
  const writing = objects.write({ bucket: 'b', name: 'big' }, body(Number(bytes), 1), { contentType: 'x/y' })
  const code = await writing.then(
    () => 'written',
    (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
  )
  say({ code, files: await readdir(join(dataDir, 'objects')) })
  process.exit()
}

/** `length` bytes, all `seed` (mod 256). */
function* pieces(length: number, seed: number): Generator<Uint8Array> {
  for (let at = 0; at < length; at += 65536) yield Buffer.alloc(Math.min(65536, length - at), seed)
}

async function* body(length: number, seed: number): AsyncGenerator<Uint8Array> {
  yield* pieces(length, seed)
}
