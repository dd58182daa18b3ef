import { Readable } from 'node:stream'
import { platform as realPlatform } from '../../platform/index.ts'
import type { ObjectStore, Platform } from '../../platform/ports.ts'
import { between, happens, mayFail } from './injected.ts'

const seldom = 0.02

/** The platform of this process, whose objects cannot be relied on. */
export function platform(): Platform {
  const real = realPlatform()
  return {
    records: () => real.records(),
    bus: () => real.bus(),
    objects: async () => (faulty ??= withFaults(await real.objects())),
  }
}
let faulty: ObjectStore | undefined

/** Reads and writes break before, in the middle, or after: when it is done, and only the answer is lost. */
function withFaults(objects: ObjectStore): ObjectStore {
  async function doubtful<T>(what: string, work: () => Promise<T>): Promise<T> {
    mayFail(`${what} is refused`, seldom)
    const result = await work()
    mayFail(`${what} is done, and its answer lost`, seldom)
    return result
  }
  return {
    ...objects,
    async read(object, options) {
      mayFail('a read is refused', seldom)
      const stream = await objects.read(object, options)
      return happens('a read breaks off', seldom) ? Readable.from(breakingOff(stream)) : stream
    },
    write: (object, body, options) =>
      doubtful('a write', () => {
        const breaks = happens('a write breaks off', seldom)
        return objects.write(object, breaks ? breakingOff(body) : body, options)
      }),
    compose: (object, parts, options) => doubtful('a compose', () => objects.compose(object, parts, options)),
    rewrite: (object, options) => doubtful('a rewrite', () => objects.rewrite(object, options)),
    delete: (object) => doubtful('a delete', () => objects.delete(object)),
    createUploadSession: (object, options) =>
      doubtful('the opening of a session', () => objects.createUploadSession(object, options)),
  }
}

/** The first bytes of a body, and then an error. */
async function* breakingOff(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = Math.floor(between(0, 200_000))
  for await (const chunk of body) {
    if (chunk.length > left) {
      yield chunk.subarray(0, left)
      break
    }
    left -= chunk.length
    yield chunk
  }
  throw new Error('injected: it breaks off')
}
