import { Readable } from 'node:stream'
import { accessMessage, type AccessMessage } from '../../lib/tiers/access.ts'
import { platform as realPlatform } from '../../platform/index.ts'
import type { MessageBus, ObjectName, ObjectStore, Platform } from '../../platform/ports.ts'
import { between, happens, mayFail } from './injected.ts'
import { note } from './journal.ts'
import { jobOf } from './names.ts'

const seldom = 0.02

/** The platform of this process, whose objects cannot be relied on, and of whose accesses a journal is kept. */
export function platform(): Platform {
  const real = realPlatform()
  return {
    records: () => real.records(),
    bus: async () => noting(await real.bus()),
    objects: async () => (faulty ??= withFaults(await real.objects())),
  }
}
let faulty: ObjectStore | undefined

/** Reads and writes break before, in the middle, or after: when it is done, and only the answer is lost. */
function withFaults(objects: ObjectStore): ObjectStore {
  async function doubtful<T>(what: string, { name }: ObjectName, work: () => Promise<T>): Promise<T> {
    mayFail(`${what} is refused`, seldom, jobOf(name))
    const result = await work()
    mayFail(`${what} is done, and its answer lost`, seldom, jobOf(name))
    return result
  }
  return {
    ...objects,
    async read(object, options) {
      const job = jobOf(object.name)
      mayFail('a read is refused', seldom, job)
      const stream = await objects.read(object, options)
      return happens('a read breaks off', seldom, job) ? Readable.from(breakingOff(stream)) : stream
    },
    write: (object, body, options) =>
      doubtful('a write', object, () => {
        const breaks = happens('a write breaks off', seldom, jobOf(object.name))
        return objects.write(object, breaks ? breakingOff(body) : body, options)
      }),
    compose: (object, parts, options) =>
      doubtful('a compose', object, () => objects.compose(object, parts, options)),
    rewrite: (object, options) => doubtful('a rewrite', object, () => objects.rewrite(object, options)),
    delete: (object) => doubtful('a delete', object, () => objects.delete(object)),
    createUploadSession: (object, options) =>
      doubtful('the opening of a session', object, () => objects.createUploadSession(object, options)),
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

/** Which accesses may, and which must have been counted: every access that is told has an id of its own. */
function noting(bus: MessageBus): MessageBus {
  return {
    ...bus,
    async publish(topic, data) {
      const accesses = topic === 'accesses' ? toldIn(data) : []
      if (accesses.length === 0) return bus.publish(topic, data)
      note({ what: 'telling', accesses })
      try {
        await bus.publish(topic, data)
      } catch (error) {
        note({ what: 'untold', accesses })
        throw error
      }
      note({ what: 'told', accesses })
    },
  }
}

const toldIn = ({ accesses = [] }: Record<string, unknown>): Pick<AccessMessage, 'id' | 'object'>[] =>
  accessMessage
    .array()
    .parse(accesses)
    .map(({ id, object }) => ({ id, object }))
