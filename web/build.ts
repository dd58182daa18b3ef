import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { build, stop } from 'esbuild'

export interface PageFile {
  type: string
  body: Uint8Array
}

const folder = import.meta.dirname

/**
 * What the page may load and run: nothing but its own. `servers` are the further origins that it may talk to, play and
 * download from. Whoever serves it adds who may put it into a frame, which a page cannot say itself.
 */
export const contentPolicy = (servers: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...servers].join(' '),
    ["media-src 'self'", ...servers].join(' '),
    // Downloads are asked for in a frame (app/leaving.ts).
    ["frame-src 'self'", ...servers].join(' '),
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')

/** The page's static files by their path, bundled. */
export async function buildPage(): Promise<Map<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: [`${folder}/main.tsx`, `${folder}/main.css`],
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    logLevel: 'silent',
  })
  // esbuild keeps a process of its own waiting for further work.
  await stop()
  const files = new Map<string, PageFile>()
  files.set('/index.html', { type: 'text/html; charset=utf-8', body: await readFile(`${folder}/index.html`) })
  for (const { path, contents } of outputFiles) {
    const type = path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8'
    files.set(`/${basename(path)}`, { type, body: contents })
  }
  return files
}
