type Severity = 'INFO' | 'WARNING' | 'ERROR'

/** One line of log: JSON as Cloud Logging reads it, or a plain line on a terminal. */
function write(severity: Severity, message: string, fields: Record<string, unknown> = {}): void {
  const line = process.stderr.isTTY
    ? `${severity.toLowerCase().padEnd(7)} ${message}${plain(fields)}`
    : JSON.stringify({ severity, message, time: new Date().toISOString(), ...fields })
  process.stderr.write(line + '\n')
}

const plain = (fields: Record<string, unknown>): string =>
  Object.entries(fields)
    .map(([key, value]) => `\n        ${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('')

export const log = {
  info: (message: string, fields?: Record<string, unknown>): void => write('INFO', message, fields),
  warning: (message: string, fields?: Record<string, unknown>): void => write('WARNING', message, fields),
  error: (message: string, error: unknown, fields?: Record<string, unknown>): void =>
    write('ERROR', message, {
      ...fields,
      error: error instanceof Error ? (error.stack ?? error.message) : error,
    }),
}
