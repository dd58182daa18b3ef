import { randomUUID } from 'node:crypto'
import { functions, type CloudFunction, type FunctionName } from '../../lib/functions.ts'
import type { MessageBus, ObjectInfo } from '../ports.ts'
import type { Database } from './database.ts'

/** An event on its way to one function, as the queue keeps it. */
export interface QueuedEvent {
  id: number
  function: FunctionName
  event: CloudEventFields
  /** Deliveries that have failed so far. */
  failures: number
  enqueuedAt: Date
}

/** What a CloudEvent says beside its specversion. */
export interface CloudEventFields {
  id: string
  type: string
  source: string
  subject?: string
  time: string
  data: unknown
}

export interface LocalBus extends MessageBus {
  /** Puts the finalize event of a new generation into the queue; to be called within the transaction that makes it visible. */
  enqueueFinalized: (object: ObjectInfo) => void
  /** The oldest events of these functions whose time has come, but for those with these ids. */
  due(names: FunctionName[], limit: number, except?: Iterable<number>): QueuedEvent[]
  /** When the first event will be due of those that are due only after this time. */
  nextDueAt(after: Date): Date | undefined
  delivered(id: number): Promise<void>
  failed(id: number, retryInSeconds: number): Promise<void>
  /** Called whenever something was put into the queue. */
  onEnqueued(listener: () => void): void
}

/**
 * The queue behind topics and finalize events: durable, in the same database as records and objects.
 * `copies` is how often every event is delivered: twice shows what at-least-once can do.
 */
export function openBus(
  { sql, grouped, lazily }: Database,
  buckets: Record<string, string>,
  copies: 1 | 2,
): LocalBus {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS queue (
      id INTEGER PRIMARY KEY AUTOINCREMENT, function TEXT NOT NULL, event TEXT NOT NULL,
      failures INTEGER NOT NULL DEFAULT 0, enqueued_at INTEGER NOT NULL, due_at INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS queue_due ON queue (due_at);
    CREATE INDEX IF NOT EXISTS queue_function_due ON queue (function, due_at);
  `)
  const insert = sql.prepare('INSERT INTO queue (function, event, enqueued_at, due_at) VALUES (?, ?, ?, ?)')
  // Of one function: the index has them in order, however many wait for others.
  const selectDue = sql.prepare(`
    SELECT * FROM queue WHERE function = ? AND due_at <= ?
    AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at, id LIMIT ?`)
  const selectNext = sql.prepare('SELECT min(due_at) AS next FROM queue WHERE due_at > ?')
  const remove = sql.prepare('DELETE FROM queue WHERE id = ?')
  const postpone = sql.prepare('UPDATE queue SET failures = failures + 1, due_at = ? WHERE id = ?')
  const listeners: (() => void)[] = []

  function enqueue(subscribers: FunctionName[], event: CloudEventFields): void {
    const now = Date.now()
    for (const name of subscribers) {
      for (let copy = 0; copy < copies; copy++) insert.run(name, JSON.stringify(event), now, now)
    }
    // Within the caller's transaction the rows are not yet visible: the listeners look after it.
    queueMicrotask(() => listeners.forEach((listener) => listener()))
  }

  return {
    async publish(topic, data) {
      const subscribers = subscribersOf((trigger) => trigger.kind === 'topic' && trigger.topic === topic)
      await grouped(() => enqueue(subscribers, messagePublished(topic, data)))
    },
    enqueueFinalized(object) {
      const subscribers = subscribersOf(
        (trigger) => trigger.kind === 'finalize' && buckets[trigger.bucket] === object.bucket,
      )
      enqueue(subscribers, objectFinalized(object))
    },
    due(names, limit, except = []) {
      const ids = JSON.stringify([...except])
      const now = Date.now()
      const rows = names.flatMap((name) => selectDue.all(name, now, ids, limit))
      rows.sort(
        (one, other) =>
          Number(one['due_at']) - Number(other['due_at']) || Number(one['id']) - Number(other['id']),
      )
      return rows.slice(0, limit).map((row) => ({
        id: Number(row['id']),
        // Only names from the function table and events made here are written into the queue.
        function: String(row['function']) as FunctionName,
        event: JSON.parse(String(row['event'])) as CloudEventFields,
        failures: Number(row['failures']),
        enqueuedAt: new Date(Number(row['enqueued_at'])),
      }))
    },
    nextDueAt(after) {
      const next = selectNext.get(after.getTime())?.['next']
      return typeof next === 'number' ? new Date(next) : undefined
    },
    // At least once: after a power cut an event may come again.
    async delivered(id) {
      lazily(() => remove.run(id))
    },
    async failed(id, retryInSeconds) {
      lazily(() => postpone.run(Date.now() + retryInSeconds * 1000, id))
    },
    onEnqueued: (listener) => void listeners.push(listener),
  }
}

function subscribersOf(isTriggered: (trigger: CloudFunction['trigger']) => boolean): FunctionName[] {
  const names = Object.keys(functions) as FunctionName[]
  return names.filter((name) => isTriggered(functions[name].trigger))
}

/** The event that a Pub/Sub trigger hands to its function. */
function messagePublished(topic: string, data: Record<string, unknown>): CloudEventFields {
  const id = randomUUID()
  const time = new Date().toISOString()
  return {
    id,
    type: 'google.cloud.pubsub.topic.v1.messagePublished',
    source: `//pubsub.googleapis.com/projects/local/topics/${topic}`,
    time,
    data: {
      message: {
        data: Buffer.from(JSON.stringify(data)).toString('base64'),
        messageId: id,
        publishTime: time,
      },
      subscription: `projects/local/subscriptions/${topic}`,
    },
  }
}

/** The event that Cloud Storage sends for a new generation; its numbers are strings, as in the JSON API's object resource. */
function objectFinalized(object: ObjectInfo): CloudEventFields {
  const time = object.timeCreated.toISOString()
  return {
    id: randomUUID(),
    type: 'google.cloud.storage.object.v1.finalized',
    source: `//storage.googleapis.com/projects/_/buckets/${object.bucket}`,
    subject: `objects/${object.name}`,
    time,
    data: {
      kind: 'storage#object',
      bucket: object.bucket,
      name: object.name,
      generation: object.generation,
      size: String(object.size),
      contentType: object.contentType,
      storageClass: object.storageClass,
      crc32c: object.crc32c,
      metadata: object.metadata,
      timeCreated: time,
      updated: time,
    },
  }
}
