import { registerHooks } from 'node:module'

// Preloaded into a server: its functions get the platform, and its queue hands on events, through what breaks now and then, and
// what keeps a journal.

const substitutes = new Map(
  [
    ['../../platform/index.ts', './faulty-platform.ts'],
    ['../../platform/local/bus.ts', './faulty-bus.ts'],
    ['../../functions/download/accesses.ts', './noted-accesses.ts'],
    ['../gcp/events.ts', './faulty-events.ts'],
  ].map(([real = '', faulty = '']) => [import.meta.resolve(real), import.meta.resolve(faulty)]),
)

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const substitute = substitutes.get(resolved.url)
    return substitute === undefined || context.parentURL === substitute
      ? resolved
      : { ...resolved, url: substitute }
  },
})
