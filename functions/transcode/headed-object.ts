import { Readable } from 'node:stream'
import type { ObjectInfo, ObjectName, ObjectStore, WriteOptions } from '../../platform/ports.ts'

/** So many bytes of a body are kept in memory: some minutes of sound. */
export const mostHeldBytes = 4 * 1024 * 1024

export interface HeadedObject {
  /** Takes the body: whole or, when that throws, not at all. */
  store(body: AsyncIterable<Buffer>): Promise<void>
  /** Creates the object from `head` and the body. */
  create(head: Buffer[], options: WriteOptions): Promise<ObjectInfo>
  /** To be called once the object is there: its parts are as large as it is. */
  removeParts(): Promise<void>
}

/**
 * An object whose head can be told only when its body has passed. A short body waits in memory and is written once, behind its
 * head; a longer one waits in a part, and the head is composed in front of it. The names of parts begin with `prefix`.
 */
export function headedObject(objects: ObjectStore, object: ObjectName, prefix: string): HeadedObject {
  const { bucket } = object
  const held: Buffer[] = []
  const parts = { head: { bucket, name: `${prefix}head` }, body: { bucket, name: `${prefix}body` } }
  const contentType = 'application/octet-stream'
  let isHeld = true

  return {
    async store(body) {
      const rest = body[Symbol.asyncIterator]()
      for (let bytes = 0; bytes <= mostHeldBytes;) {
        const next = await rest.next()
        if (next.done) return
        held.push(next.value)
        bytes += next.value.length
      }
      isHeld = false
      await objects.write(parts.body, joined(held.splice(0), rest), { contentType })
    },
    async create(head, options) {
      if (isHeld) return objects.write(object, Readable.from([...head, ...held]), options)
      if (head.length > 0) await objects.write(parts.head, Readable.from(head), { contentType })
      const names = head.length > 0 ? [parts.head.name, parts.body.name] : [parts.body.name]
      return objects.compose(object, names, options)
    },
    async removeParts() {
      if (!isHeld) for (const part of Object.values(parts)) await objects.delete(part)
    },
  }
}

async function* joined(first: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
