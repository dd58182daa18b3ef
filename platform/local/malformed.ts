import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Problem, type ProblemCode } from '../../lib/problems.ts'

/** What Node calls the ways in which a request can be none, with what that is to a client. */
const problems: Record<string, [code: ProblemCode, detail: string]> = {
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'Path and headers of a request may have 16 KiB together.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['PAYLOAD_TOO_LARGE', 'The extensions of a chunk may have 16 KiB at most.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The head of a request has to come within a minute.'],
}

const lingerMs = 1000

/** What is answered, and may still be sending. */
const answered = new WeakSet<Duplex>()

/**
 * Answers what is no HTTP request, and so reaches no function, as they would: a problem. Then the connection ends. Not at once: what
 * is still coming would find it closed, and take the answer with it.
 */
export function refuseMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (answered.has(socket)) return
  // Node keeps the answer that is under way there: nothing can be said any more once that has begun.
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null }
  if (!socket.writable || answer?.headersSent) {
    socket.destroy()
    return
  }
  const [code, detail] = problems[error.code ?? ''] ?? ['BAD_REQUEST', 'That is no request of HTTP/1.1.']
  const problem = new Problem(code, detail)
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${code}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]
  answered.add(socket)
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  const cut = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(cut))
}
