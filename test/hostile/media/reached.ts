import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { findFfmpeg } from '../../../functions/transcode/media/index.ts'
import { path } from '../../../functions/transcode/media/testing.ts'
import type { Attack, Lure } from './attack.ts'
import type { GoodFiles } from './good-files.ts'

/** Leads nowhere: who looks at these files here has no fences. */
const nowhere: Lure = { file: '/nonexistent/secret.txt', url: 'http://127.0.0.1:9', port: 9 }

const demuxers: Record<string, string> = {
  mp4: 'mov',
  mov: 'mov',
  avi: 'avi',
  mkv: 'matroska',
  webm: 'matroska',
}
const logging = '-nostdin -hide_banner -loglevel repeat+level+trace'.split(' ')

let files = 0

/** Why it cannot be told here what a file reaches; false where it can. Every version has words of its own. */
export const notTold: string | false =
  !/^n?7\./.test((await findFfmpeg()).version) && 'it is known what ffmpeg 7 says, and this is another one'

/** What of that which shows that a file is what it claims to be an ffmpeg does not say that reads it; empty if it says it all. */
export async function notReached(
  { filename, make, reaches, nameOfKind }: Attack,
  good: GoodFiles,
): Promise<string[]> {
  const file = await path(`${++files}-${nameOfKind ?? filename}`, make(nowhere, good))
  const demuxer = demuxers[filename.split('.').at(-1) ?? ''] ?? ''
  const only = nameOfKind === undefined ? ['-format_whitelist', demuxer, '-f', demuxer] : []
  const decoding = ['-map', '0:a:0', '-frames:a', '1', '-f', 'null', '-']
  const child = spawn((await findFfmpeg()).path, [...logging, ...only, '-i', file, ...decoding], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  const missing = new Set(reaches)
  for await (const line of createInterface(child.stderr)) {
    for (const each of missing) if (each.test(line)) missing.delete(each)
    if (missing.size === 0) break
  }
  child.kill('SIGKILL')
  await closed
  return [...missing].map(String)
}
