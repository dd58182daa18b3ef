/** A request whose body is worth watching on its way. */
export interface Outgoing {
  method: string
  url: string
  headers?: Record<string, string>
  body?: Blob | FormData
  signal: AbortSignal
  /** Called with the bytes of the body that have left so far. */
  onProgress?: (sentBytes: number) => void
}

export interface Incoming {
  /** 0 where no answer came. */
  status: number
  header(name: string): string | null
  text: string
}

/** Rejects only when aborted. */
export type Send = (request: Outgoing) => Promise<Incoming>
