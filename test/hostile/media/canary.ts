import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A file and a server that nobody has any business with: whoever was led to them has been tricked. */
export interface Canary {
  /** Stands in the file and in every answer of the server. */
  secret: string
  /** The file's path. */
  file: string
  /** Whether the file system notes that it was read: or only what comes of it can be seen. */
  notesReads: boolean
  /** The server's, on the loopback interface. */
  url: string
  port: number
  /** What has been done to them so far; empty if nothing. */
  touches(): Promise<string[]>
  close(): Promise<void>
}

const longAgo = new Date(0)

const wasRead = async (file: string): Promise<boolean> =>
  (await stat(file)).atime.getTime() !== longAgo.getTime()

/** Where there may be a file system that notes reads: some of disks are told not to (noatime). */
const places = [tmpdir(), '/dev/shm', '/var/tmp', import.meta.dirname]

interface Watched {
  file: string
  notesReads: boolean
}

/** A file with this text, in a place where reads are noted, if there is any. */
async function placeFile(text: string): Promise<Watched> {
  let placed: Watched | undefined
  for (const place of places) {
    const folder = await mkdtemp(join(place, 'tapedeck-canary-')).catch(() => undefined)
    if (folder === undefined) continue
    if (placed) await rm(dirname(placed.file), { recursive: true })
    const file = join(folder, 'secret.txt')
    await writeFile(file, text)
    // A file system notes that a file was read at least when that was not so since it was written.
    await utimes(file, longAgo, new Date())
    await readFile(file)
    placed = { file, notesReads: await wasRead(file) }
    await utimes(file, longAgo, new Date())
    if (placed.notesReads) break
  }
  if (!placed) throw new Error('There is no place for a canary.')
  return placed
}

export async function openCanary(): Promise<Canary> {
  const secret = `secret-${randomBytes(16).toString('hex')}`
  const { file, notesReads } = await placeFile(`${secret}\n`.repeat(100))
  const connections: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (data) => {
      connections.push(`a connection that begins ${JSON.stringify(data.toString('latin1', 0, 60))}`)
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${secret}\n`)
    })
    socket.once('close', () => sockets.delete(socket))
    connections.push('a connection')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error(`No port for the canary: ${address}`)
  return {
    secret,
    file,
    notesReads,
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    async touches() {
      return [...connections, ...((await wasRead(file)) ? ['the file was read'] : [])]
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await rm(dirname(file), { recursive: true })
    },
  }
}
