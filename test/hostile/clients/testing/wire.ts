import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A connection on which anything may be sent, and all is kept that comes. */
export class Wire {
  readonly socket: Socket
  /** What has come so far. */
  received = ''
  private constructor(socket: Socket) {
    this.socket = socket
    // A server that hangs up is what is looked for, and no error.
    socket.on('error', () => undefined)
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text))
  }

  static async open(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new Wire(socket)
  }

  send(...parts: (string | Buffer)[]): void {
    for (const part of parts) this.socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
  }

  /** Waits until this has come. Whoever waits sets a limit to it (the test's timeout). */
  async until(wanted: RegExp): Promise<string> {
    while (!wanted.test(this.received)) {
      if (this.socket.closed) throw new Error(`The connection was closed after:\n${this.received}`)
      await delay(5)
    }
    return this.received
  }

  /** Waits until the server closes the connection, and returns what has come until then. */
  async closed(): Promise<string> {
    while (!this.socket.closed) await delay(5)
    return this.received
  }

  /** The statuses of all answers that have come. */
  statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  }

  end(): void {
    this.socket.destroy()
  }
}

/** Sends all of this at once, and returns the answers' statuses once the server has closed the connection. */
export async function tell(url: string, ...parts: (string | Buffer)[]): Promise<number[]> {
  const wire = await Wire.open(url)
  wire.send(...parts)
  await wire.closed()
  return wire.statuses()
}

/** A request's head, with these lines after those that every request has. */
export const head = (requestLine: string, ...lines: string[]): string =>
  [`${requestLine} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n')
