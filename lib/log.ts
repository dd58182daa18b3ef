type Severity = 'INFO' | 'WARNING' | 'ERROR'

/** One line of log: JSON as Cloud Logging reads it, or a plain line on a terminal. */
function write(severity: Severity, message: string, fields: Record<string, unknown> = {}): void {
  const line = process.stderr.isTTY
    ? `${severity.toLowerCase().padEnd(7)} ${message}${plain(fields)}`
    : JSON.stringify({ severity, message, time: new Date().toISOString(), ...fields })
  output(line + '\n')
}

let output = (text: string): void => void process.stderr.write(text)

/** Sends the log elsewhere than to standard error: `take` gets each entry with its line break. */
export const sendLogTo = (take: (text: string) => void): void => void (output = take)

const plain = (fields: Record<string, unknown>): string =>
  Object.entries(fields)
    .map(([key, value]) => `\n        ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('')

export const log = {
  info: (message: string, fields?: Record<string, unknown>): void => write('INFO', message, fields),
  warning: (message: string, fields?: Record<string, unknown>): void => write('WARNING', message, fields),
  error: (message: string, error: unknown, fields?: Record<string, unknown>): void =>
    write('ERROR', `${message}: ${error instanceof Error ? error.message : String(error)}`, {
      ...fields,
      error: error instanceof Error ? (error.stack ?? error.message) : error,
    }),
}
