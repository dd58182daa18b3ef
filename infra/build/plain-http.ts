import type { Plugin } from 'esbuild'

/** The namespace of what stands in the place of `node:http`. */
export const plainHttp = 'plain-http'

/**
 * Takes `node:http` as `require` does. A module that imports it makes Node look at all that it exports, and so load undici for a
 * WebSocket that nobody asked for: a tenth of a start.
 */
export const withPlainHttp: Plugin = {
  name: plainHttp,
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'node:http', namespace: plainHttp }))
    onLoad({ filter: /^node:http$/, namespace: plainHttp }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
    }))
  },
}
