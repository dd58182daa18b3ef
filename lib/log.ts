import { currentExecution } from './execution.ts'
import { toJson, toText, type Entry } from './log-entry.ts'

let output = (text: string): void => void process.stderr.write(text)

/** Sends the log elsewhere than to standard error: `take` gets each entry with its line break. */
export const sendLogTo = (take: (text: string) => void): void => void (output = take)

function write(severity: Entry['severity'], message: string, fields: Record<string, unknown> = {}): void {
  const project = process.env['GOOGLE_CLOUD_PROJECT']
  const entry = { severity, message, time: new Date(), fields, execution: currentExecution(), project }
  output(`${process.stderr.isTTY ? toText(entry) : toJson(entry)}\n`)
}

/** One entry each: JSON as Cloud Logging reads it, or plain lines on a terminal. */
export const log = {
  info: (message: string, fields?: Record<string, unknown>): void => write('INFO', message, fields),
  warning: (message: string, fields?: Record<string, unknown>): void => write('WARNING', message, fields),
  error: (message: string, error: unknown, fields?: Record<string, unknown>): void =>
    write('ERROR', `${message}: ${error instanceof Error ? error.message : String(error)}`, {
      ...fields,
      error: error instanceof Error ? (error.stack ?? error.message) : error,
    }),
}
