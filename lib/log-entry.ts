import type { Execution } from './execution.ts'

export interface Entry {
  severity: 'INFO' | 'WARNING' | 'ERROR'
  message: string
  time: Date
  fields: Record<string, unknown>
  execution: Execution | undefined
  /** The project whose traces are meant; without it, none are. */
  project: string | undefined
}

/** A line of JSON, with the fields that Cloud Logging knows ("Special fields in structured payloads"). */
export function toJson({ severity, message, time, fields, execution, project }: Entry): string {
  const trace = project === undefined ? undefined : execution?.trace
  const entry = {
    severity,
    message,
    time: time.toISOString(),
    ...fields,
    ...(execution && { 'logging.googleapis.com/labels': { execution_id: execution.id } }),
    ...(trace && {
      'logging.googleapis.com/trace': `projects/${project}/traces/${trace.id}`,
      'logging.googleapis.com/spanId': trace.span,
    }),
  }
  return withoutSecrets(JSON.stringify(entry).replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, escaped))
}

/** What a terminal, or a reader of lines, would obey: texts may hold anything that a client has sent, or a video. */
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Lines for a person: what happened, and below it what belongs to it. */
export function toText({ severity, message, fields }: Entry): string {
  const below = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `\n${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  // A further line must not look like another entry.
  const text = `${severity.toLowerCase().padEnd(7)} ${message}${below.join('')}`.replace(
    /\r?\n/g,
    '\n        ',
  )
  return withoutSecrets(text.replace(/[^\P{Cc}\n]|[\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, escaped))
}

/** What lets somebody in, and what takes its place. It should not get here; an error's text may bring it all the same. */
const secrets: [secret: RegExp, instead: string][] = [
  // Tokens of ours: what a JWT begins with is always `{"`.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b(Bearer|Basic) +[\w.~+/-]{8,}=*/g, '$1 [secret]'],
  // Signed URLs and upload sessions: whoever has them may read, or write.
  [/\b(X-Goog-Signature|X-Goog-Credential|upload_id|token)=[^&\s"'\\]+/gi, '$1=[secret]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g, '[key]'],
  // Names and passwords in URLs, as in smtps://name:password@host.
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@"]+@/gi, '$1[secret]@'],
]

function withoutSecrets(text: string): string {
  let clean = text
  for (const [secret, instead] of secrets) clean = clean.replace(secret, instead)
  return clean
}
