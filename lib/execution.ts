import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** One run of a function, which everything that it logs belongs to. */
export interface Execution {
  id: string
  /** The trace that the request is part of, and its span there: 32 and 16 hexadecimal digits. */
  trace?: { id: string; span: string }
}

const current = new AsyncLocalStorage<Execution>()

/** Does something, and all that follows from it, as part of this execution. */
export const inExecution = <R>(execution: Execution, work: () => R): R => current.run(execution, work)

export const currentExecution = (): Execution | undefined => current.getStore()

/** The execution that a request begins: Cloud Run names it, and says which trace it belongs to. */
export function executionOf(headers: IncomingHttpHeaders): Execution {
  const named = headers['function-execution-id']
  const id = typeof named === 'string' && /^[\w-]{1,64}$/.test(named) ? named : randomUUID().slice(0, 12)
  const trace = traceOf(headers['traceparent'])
  return trace ? { id, trace } : { id }
}

/** Trace Context (W3C), version 00: "version - trace-id - parent-id - trace-flags". All zeros are invalid. */
function traceOf(header: unknown): Execution['trace'] {
  const parts = typeof header === 'string' ? /^00-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/.exec(header) : null
  const [, id = '', span = ''] = parts ?? []
  return /[^0]/.test(id) && /[^0]/.test(span) ? { id, span } : undefined
}
