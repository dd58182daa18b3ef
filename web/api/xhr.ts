import type { Send } from './transport.ts'

/** A connection on which nothing moves for so long is taken for dead. */
const stalledMs = 90_000

/** Sends a request by XMLHttpRequest, which tells of upload progress as fetch does not. Rejects only when aborted. */
export const send: Send = async ({ method, url, headers = {}, body, signal, onProgress }) => {
  signal.throwIfAborted()
  const xhr = new XMLHttpRequest()
  let stall: ReturnType<typeof setTimeout> | undefined
  const alive = (): void => {
    clearTimeout(stall)
    stall = setTimeout(() => xhr.abort(), stalledMs)
  }
  const abort = (): void => xhr.abort()
  signal.addEventListener('abort', abort)
  // What the network held when it went will not arrive.
  addEventListener('offline', abort)
  try {
    await new Promise<void>((resolve) => {
      xhr.addEventListener('loadend', () => resolve())
      xhr.upload.addEventListener('progress', ({ loaded }) => {
        alive()
        onProgress?.(loaded)
      })
      xhr.open(method, url)
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
      alive()
      xhr.send(body ?? null)
    })
  } finally {
    clearTimeout(stall)
    signal.removeEventListener('abort', abort)
    removeEventListener('offline', abort)
  }
  signal.throwIfAborted()
  return { status: xhr.status, header: (name) => xhr.getResponseHeader(name), text: xhr.responseText }
}
