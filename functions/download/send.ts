import type { Readable } from 'node:stream'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

/** Streamed answers end at 10 MB in the cloud. */
export const mostBytes = 8 * 1024 * 1024

/**
 * Sends `body` as what is left of the answer, as fast as the client takes it. Once this has resolved or thrown, `body` is
 * closed. A client that goes away is no error: players do whenever somebody seeks.
 */
export async function sendBody(res: ServerResponse, body: Readable): Promise<void> {
  // Gone while the body was being opened: pipeline would leave the body open.
  if (res.destroyed) {
    body.destroy()
    return
  }
  try {
    await pipeline(body, res)
  } catch (error) {
    if (!isHangUp(error)) throw error
  }
}

const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
