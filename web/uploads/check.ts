import { containerOf, lookalikeOf, sniffBytes, type Lookalike } from '../../lib/sniff.ts'

/** Why a file need not be sent: the server would refuse it, or could make no MP3 of it. */
export type Objection =
  | UnreadableObjection
  /** It is on its way already. */
  | { kind: 'twice' }
  | { kind: 'tooLarge'; size: number; mostBytes: number }
  | { kind: 'noVideo'; looksLike: Lookalike }

/** `gone`: it was there when it was chosen. */
export interface UnreadableObjection {
  kind: 'gone' | 'unreadable'
}

/** What the browser says of a file that it cannot read. */
export const whyUnreadable = (error: unknown): UnreadableObjection => ({
  kind: error instanceof DOMException && error.name === 'NotFoundError' ? 'gone' : 'unreadable',
})

/** Looks into a file. `mostBytes`: how large the account's files may be, where there is a limit. */
export async function objectionTo(file: Blob, mostBytes: number | undefined): Promise<Objection | undefined> {
  if (mostBytes !== undefined && file.size > mostBytes)
    return { kind: 'tooLarge', size: file.size, mostBytes }
  try {
    const head = new Uint8Array(await file.slice(0, sniffBytes).arrayBuffer())
    return containerOf(head) ? undefined : { kind: 'noVideo', looksLike: lookalikeOf(head) }
  } catch (error) {
    return whyUnreadable(error)
  }
}
