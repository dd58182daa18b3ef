import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { functions, type FunctionName } from '../lib/functions.ts'
import { localPlatform } from '../platform/local/platform.ts'
import { requestUsage, type Reading, type Usage } from './cost-usage.ts'

/**
 * Loaded into a local server before all else (`node --import`): writes what the cloud would charge for into the file METER_FILE,
 * a Reading as JSON in every line. SIGUSR2 starts a sweep, as the scheduler does.
 */

const file = process.env['METER_FILE']
if (!file) throw new Error('METER_FILE must name the file to write to.')
const note = (reading: Reading): void => appendFileSync(file, `${JSON.stringify(reading)}\n`)

const local = await localPlatform()
const [objects, records, bus] = await Promise.all([local.objects(), local.records(), local.bus()])

// What Cloud Storage takes each method for. A session is one operation, however many requests it takes. Deleting is free.
charge(objects, { write: 'classA', compose: 'classA', list: 'classA', createUploadSession: 'classA' })
charge(objects, { stat: 'classB', read: 'classB' })
charge(records, { get: 'reads' })

const { query, transact } = records
records.query = async (asked) => {
  const result = await query(asked)
  // "There is a minimum charge of one document read for each query."
  note({ usage: { reads: Math.max(1, result.records.length) } })
  return result
}
records.transact = (work) =>
  transact((tx) => {
    charge(tx, { get: 'reads', create: 'writes', set: 'writes', delete: 'deletes' })
    return work(tx)
  })

const { publish } = bus
bus.publish = (topic, data) => {
  note({ usage: { messageBytes: billedBytes(JSON.stringify(data).length) } })
  return publish(topic, data)
}
process.on('SIGUSR2', () => void bus.publish('sweep', {}))

const started = new WeakMap<IncomingMessage, { name: FunctionName; at: number; cpuSeconds: number }>()
subscribe('http.server.request.start', (message) => {
  // The channel's documented message shape.
  const { request } = message as { request: IncomingMessage }
  // What begins with /upload/storage/ goes to the buckets.
  const name = /^\/(?!upload\/storage\/)([a-z]+)(?=[/?]|$)/.exec(request.url ?? '')?.[1]
  if (!isFunction(name)) return
  started.set(request, { name, at: performance.now(), cpuSeconds: cpuSeconds() })
  const { kind } = functions[name].trigger
  if (kind === 'http') return
  const bytes = billedBytes(Number(request.headers['content-length']))
  // A message to a topic was counted when it was published; that an object is there, the store publishes.
  note({ usage: { events: 1, messageBytes: kind === 'topic' ? bytes : 2 * bytes } })
})
subscribe('http.server.response.finish', (message) => {
  const { request } = message as { request: IncomingMessage }
  const start = started.get(request)
  if (!start) return
  const seconds = (performance.now() - start.at) / 1000
  const worked = { workSeconds: seconds, cpuSeconds: cpuSeconds() - start.cpuSeconds }
  const isWork = functions[start.name].folder === 'transcode'
  note({ function: start.name, usage: { ...requestUsage(start.name, seconds), ...(isWork && worked) } })
})

/** Notes one of a quantity with every call of a method. */
function charge<T extends object>(store: T, methods: { [name in keyof T]?: keyof Usage }): void {
  for (const [name, quantity] of Object.entries(methods)) {
    const method: unknown = Reflect.get(store, name)
    if (typeof method !== 'function') throw new Error(`There is no method ${name} to be counted.`)
    Reflect.set(store, name, (...args: unknown[]): unknown => {
      note({ usage: { [String(quantity)]: 1 } })
      return Reflect.apply(method, store, args)
    })
  }
}

/** "A minimum of 1 KB is assessed for each request", which are 1,000 bytes. */
function billedBytes(bytes: number): number {
  return Math.max(1000, bytes)
}

function isFunction(name: string | undefined): name is FunctionName {
  return name !== undefined && name in functions
}

/** CPU time of this process and its children so far (proc(5): utime, stime, cutime and cstime, in hundredths). */
function cpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100
}
