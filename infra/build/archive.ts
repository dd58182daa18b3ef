import { zipSync, type Zippable } from 'fflate'
import type { BundleFile } from './bundle.ts'

// An archive's times are local ones: midnight is the same bytes everywhere. They begin in 1980.
const mtime = new Date(1980, 0, 1)
const unix = 3

/** A zip archive of these files: the same bytes for the same files, wherever and whenever it is made. */
export function archive(files: ReadonlyMap<string, BundleFile>): Uint8Array {
  const entries: Zippable = {}
  const sorted = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1))
  for (const [name, { body, executable }] of sorted) {
    // The upper half is the file's mode, as stat gives it.
    const attrs = (executable ? 0o100755 : 0o100644) * 2 ** 16
    entries[name] = [body, { mtime, os: unix, attrs }]
  }
  return zipSync(entries)
}
