import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { ApiError } from '@google-cloud/storage'

// Google's clients would look for the cloud's own server of credentials, and wait for it.
process.env['METADATA_SERVER_DETECTION'] ??= 'none'

/** An error as the client of Cloud Storage makes it of an answer in JSON. */
export function apiError(code: number, message: string, details: object[] = []): Error {
  const body = errorBody(code, message, details)
  return Object.assign(new ApiError(message), { code, errors: body.error.errors, response: { body } })
}

/** What Cloud Storage answers in JSON with an error. */
export const errorBody = (code: number, message: string, details: object[] = []) => ({
  error: { code, message, errors: [{ message, domain: 'global', reason: 'whatever' }], details },
})

/** An error as the clients of Firestore and Pub/Sub make it of a gRPC status. */
export const grpcError = (code: number, status: string, details: string, more: object = {}): Error =>
  Object.assign(new Error(`${code} ${status}: ${details}`), { code, details, ...more })

export interface FakeServer {
  /** `HOST:PORT`. */
  host: string
  close(): void
}

/** A server by HTTP on a free port of the loopback interface. A listener that fails breaks the connection off. */
export async function serve(
  listener: (req: IncomingMessage, res: ServerResponse) => Promise<void>,
): Promise<FakeServer> {
  const server = createServer((req, res) => void listener(req, res).catch(() => res.destroy()))
  const host = await listen(server)
  return {
    host,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A google.rpc.ErrorInfo. */
export interface ErrorInfo {
  reason: string
  metadata: Record<string, string>
}

/** A server that refuses every call by gRPC, as Google does: with trailers and nothing before them, the details among them. */
export async function refuseByGrpc(code: number, message: string, info?: ErrorInfo): Promise<FakeServer> {
  const server = createHttp2Server()
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream) => {
    // The client may have gone.
    stream.on('error', () => undefined)
    const refusal = {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURI(message),
      ...(info && { 'grpc-status-details-bin': statusWith(code, message, info) }),
    }
    stream.respond(refusal, { endStream: true })
  })
  const host = await listen(server)
  return {
    host,
    close() {
      for (const session of sessions) session.destroy()
      server.close()
    },
  }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A google.rpc.Status with these details, in protobuf, base64. */
function statusWith(code: number, message: string, { reason, metadata }: ErrorInfo): string {
  const entries = Object.entries(metadata).map((entry) => field(3, field(1, entry[0]), field(2, entry[1])))
  const info = Buffer.concat([field(1, reason), field(2, 'googleapis.com'), ...entries])
  const any = field(3, field(1, 'type.googleapis.com/google.rpc.ErrorInfo'), field(2, info))
  return Buffer.concat([Buffer.from([0x08, code]), field(2, message), any]).toString('base64')
}

/** A field of protobuf's wire type 2: its number, its length as a varint, its bytes. */
function field(number: number, ...content: (string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)))
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes])
}
