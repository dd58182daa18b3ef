import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { askedRange } from '../../../lib/http/range.ts'
import { MediaError } from './media-error.ts'
import { readRange, type ReadingOptions, type Source } from './source.ts'

export interface RangeServer {
  /** Where ffmpeg reads the source: on the loopback interface, with a path that nobody can guess. */
  url: string
  /**
   * Aborts with the error when a read could not be mended: what ffmpeg then makes of it is worthless. With MediaError TOO_LONG when
   * there have been more requests than there may be.
   */
  failed: AbortSignal
  close(): Promise<void>
}

/** Serves `source` over HTTP with ranges, to whoever knows the URL, until it is closed. */
export async function serveRanges(
  source: Source,
  options: Pick<ReadingOptions, 'stallSeconds'> & { mostRequests?: number } = {},
): Promise<RangeServer> {
  const path = `/${randomBytes(16).toString('hex')}`
  const failure = new AbortController()

  const { mostRequests = Infinity } = options
  let requests = 0

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url !== path || request.method !== 'GET') {
      response.writeHead(404).end()
      return
    }
    if (++requests > mostRequests) {
      failure.abort(new MediaError('TOO_LONG', 'The file jumps to and fro: reading it would take too long.'))
      response.destroy()
      return
    }
    const asked = askedRange(request.headers, { size: source.size })
    if (asked === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${source.size}` }).end()
      return
    }
    const { start, end } = asked === 'whole' ? { start: 0, end: source.size - 1 } : asked
    response.writeHead(206, {
      'content-range': `bytes ${start}-${end}/${source.size}`,
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
    })
    const hungUp = new AbortController()
    response.once('close', () => hungUp.abort())
    try {
      for await (const chunk of readRange(source, start, end, { ...options, signal: hungUp.signal }))
        if (!response.write(chunk)) await once(response, 'drain', { signal: hungUp.signal })
      response.end()
    } catch (error) {
      if (hungUp.signal.aborted) return
      failure.abort(new Error('The source could not be read to its end', { cause: error }))
      response.destroy()
    }
  }

  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error(`No port to serve the source on: ${address}`)
  return {
    url: `http://127.0.0.1:${address.port}${path}`,
    failed: failure.signal,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
