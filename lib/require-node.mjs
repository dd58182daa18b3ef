// Plain JavaScript, preloaded before any TypeScript: an older Node stops here with a sentence instead of a syntax error.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `Tapedeck needs Node 24 or newer; this is Node ${process.versions.node}.\n` +
      'On Linux x64, `npm ci` brings Node 24 along (run the npm scripts, not `node` itself). ' +
      'Elsewhere, install it from https://nodejs.org.',
  )
  process.exit(1)
}
