import { containerOf, lookalikeOf, sniffBytes, type Lookalike } from '../../lib/sniff.ts'

/** Why a file need not be sent: the server would refuse it, or could make no MP3 of it. */
export type Objection =
  | { kind: 'unreadable' }
  | { kind: 'tooLarge'; size: number; mostBytes: number }
  | { kind: 'noVideo'; looksLike: Lookalike }

/** Looks into a file. `mostBytes`: how large the account's files may be, where there is a limit. */
export async function objectionTo(file: Blob, mostBytes: number | undefined): Promise<Objection | undefined> {
  if (mostBytes !== undefined && file.size > mostBytes)
    return { kind: 'tooLarge', size: file.size, mostBytes }
  const beginning = await file
    .slice(0, sniffBytes)
    .arrayBuffer()
    .catch(() => undefined)
  if (!beginning) return { kind: 'unreadable' }
  const head = new Uint8Array(beginning)
  return containerOf(head) ? undefined : { kind: 'noVideo', looksLike: lookalikeOf(head) }
}
