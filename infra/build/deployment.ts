import type { Variable } from '../../lib/config.ts'
import { secretVariables } from '../../lib/config.ts'
import { exposedHeaders } from '../../lib/exposed-headers.ts'
import { functions, topics, type CloudFunction, type Topic } from '../../lib/functions.ts'
import { indexes, timesToLive, type Index } from '../../lib/indexes.ts'

/** What Terraform has to know of the code. It reads this as JSON. */
export interface Deployment {
  /** The table of functions, each with the environment variables that its bundle reads. */
  functions: Record<string, CloudFunction & { variables: readonly Variable[] }>
  topics: readonly Topic[]
  /** Variables whose values are kept as secrets. */
  secretVariables: readonly Variable[]
  /** Those that Firestore does not make by itself. */
  indexes: readonly Index[]
  /** By collection, the field at whose time Firestore deletes a record. */
  timesToLive: Readonly<Record<string, string>>
  /** The headers that a page may read from a bucket's answers. */
  exposedHeaders: readonly string[]
}

/** Puts it together; `variables` are those that each folder's bundle reads. */
export function describeDeployment(variables: ReadonlyMap<string, readonly Variable[]>): Deployment {
  const rows = Object.entries<CloudFunction>(functions)
  return {
    functions: Object.fromEntries(
      rows.map(([name, row]) => [name, { ...row, variables: variables.get(row.folder) ?? [] }]),
    ),
    topics,
    secretVariables,
    indexes: indexes.filter(({ fields }) => fields.length > 1),
    timesToLive,
    exposedHeaders,
  }
}
