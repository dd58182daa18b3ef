import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { asProblem, sendProblem } from '../../lib/http/answer.ts'
import { readUploadForm } from './form.ts'

/** A part of a form, by its headers and its content, as it goes over the wire. */
export type Part = [headers: string, content: string | Buffer]

export const boundary = 'XXboundaryXX'
export const field = (name: string, value: string): Part => [
  `Content-Disposition: form-data; name="${name}"`,
  value,
]
export const file = (filename: string, content: string | Buffer, name = 'file'): Part => [
  `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: video/mp4`,
  content,
]
export const form = (...parts: Part[]): Buffer<ArrayBuffer> =>
  Buffer.concat([
    ...parts.flatMap(([headers, content]) => [
      Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])

export const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** What a handler made of a form: as an answer, or as what it threw. */
export interface Outcome {
  status: number
  code?: string
  detail?: string
  fields?: Record<string, string>
  filename?: string
  contentType?: string
  size?: number
  sha256?: string
}

/** What is made of a form while it comes. */
class Reading {
  /** How many bytes of the file have been read so far. */
  bytesRead = 0
  readonly firstBytes = Promise.withResolvers<void>()
  readonly outcome = Promise.withResolvers<Outcome>()
}

export interface FormServer {
  url: string
  /** Sends a whole form. */
  send(body: RequestInit['body'], type?: string): Promise<Outcome>
  /** Sends the head of a request; its body is still to be sent. */
  begin(length: number): Promise<{ socket: Socket; reading: Reading }>
  stop(): void
}

/** A server that reads every form to its end, and answers with what it was. */
export async function startFormServer(): Promise<FormServer> {
  let reading = new Reading()
  const server = createServer((req, res) => void answer(req, res, reading))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a TCP port has an address of this shape.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  return {
    url,
    async send(body, type = `multipart/form-data; boundary=${boundary}`) {
      const headers = body instanceof FormData ? {} : { 'content-type': type }
      const response = await fetch(url, { method: 'POST', body: body ?? null, headers })
      const outcome = (await response.json()) as Outcome
      assert.equal(outcome.status, response.status)
      return outcome
    },
    async begin(length) {
      reading = new Reading()
      return { socket: await beginRequest(port, length), reading }
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(req: IncomingMessage, res: ServerResponse, reading: Reading): Promise<void> {
  try {
    const { file: bytes, ...said } = await readUploadForm(req)
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of bytes) {
      hash.update(chunk)
      size += chunk.length
      reading.bytesRead = size
      reading.firstBytes.resolve()
    }
    const outcome = { status: 200, ...said, size, sha256: hash.digest('hex') }
    reading.outcome.resolve(outcome)
    res.end(JSON.stringify(outcome))
  } catch (error) {
    const problem = asProblem(error, {})
    reading.outcome.resolve({ status: problem.status, code: problem.code, detail: problem.message })
    sendProblem(req, res, problem)
  }
}

/** A connection over which a form of so many bytes is announced, and nothing of it sent. */
export async function beginRequest(port: number, length: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  const type = `multipart/form-data; boundary=${boundary}`
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`)
  return socket
}

/** Lets others run so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}
