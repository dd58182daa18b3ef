/** What a PUT to an upload session says about its body. */
export type UploadRange =
  /** Nothing is sent: how much is stored? `total` undefined: the asker does not say how large the object is. */
  | { kind: 'query'; total: number | undefined }
  /** The bytes from `first` on; up to `last`, or to the end of the object if that is undefined. */
  | { kind: 'bytes'; first: number; last: number | undefined; total: number | undefined }

/** Reads a Content-Range of the resumable upload protocol; undefined if it is not one. */
export function parseUploadRange(header: string | undefined): UploadRange | undefined {
  // "If you upload the object in a single request, Content-Range is not needed."
  if (header === undefined) return { kind: 'bytes', first: 0, last: undefined, total: undefined }
  // An empty last part has a last byte before its first: `bytes 0--1/0`. Google's own client sends that.
  const match = /^bytes (?:\*|(\d{1,15})-(\*|-1|\d{1,15}))\/(\*|\d{1,15})$/.exec(header)
  if (!match) return undefined
  const [, firstText, lastText, totalText] = match
  const total = totalText === '*' ? undefined : Number(totalText)
  if (firstText === undefined) return { kind: 'query', total }
  const first = Number(firstText)
  const last = lastText === '*' ? undefined : Number(lastText)
  if (last !== undefined && last < first - 1) return undefined
  if (last !== undefined && total !== undefined && last >= total) return undefined
  return { kind: 'bytes', first, last, total }
}
