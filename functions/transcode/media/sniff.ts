import { containerOf, lookalikeOf, lookalikes, type Container } from '../../../lib/sniff.ts'
import { MediaError } from './media-error.ts'

/** The container that a file is, judged by its first bytes alone. Throws NOT_MEDIA, and says what the file looks like. */
export function sniff(head: Buffer): Container {
  const container = containerOf(head)
  if (container) return container
  const found = lookalikes[lookalikeOf(head)]
  throw new MediaError(
    'NOT_MEDIA',
    `The file is not a video that can be read: ${found}. MP4, MOV, AVI, MKV and WebM are accepted.`,
  )
}
