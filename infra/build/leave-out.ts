import type { Plugin } from 'esbuild'
import type { Right } from '../../lib/functions.ts'

/** Each of Google's clients, with the rights for which a function needs it. */
const clients: Record<string, RegExp> = {
  '@google-cloud/storage': /(source|target|sign as itself)$/,
  '@google-cloud/firestore': /^records$/,
  '@google-cloud/pubsub': /^publish /,
}

/** The namespace of what stands in a left out module's place. */
export const leftOut = 'left-out'

/** Leaves the local platform out of a bundle, and the clients that functions with these rights could not use anyway. */
export function leaveOut(rights: readonly Right[]): Plugin {
  const unused = Object.keys(clients).filter((name) => !rights.some((right) => clients[name]?.test(right)))
  const paths = ['./local/platform.ts', ...unused]
  const filter = new RegExp(`^(${paths.map((path) => RegExp.escape(path)).join('|')})$`)
  return {
    name: leftOut,
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path }) => ({ path, namespace: leftOut }))
      onLoad({ filter, namespace: leftOut }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(why(path))})`,
      }))
    },
  }
}

const why = (path: string): string =>
  path in clients
    ? `${path} is not in this bundle: by lib/functions.ts, this function has no right that needs it.`
    : 'A deployed bundle has no local platform: set PLATFORM=gcp.'
