import { Problem } from '../../lib/problems.ts'
import type { SizeCheck } from './admission.ts'

/**
 * A file's bytes as they pass: as long as they are not too many, and if there are any. `onStillComing` is called each time that
 * another `everySeconds` are over, and waited for.
 */
export async function* counted(
  file: AsyncIterable<Uint8Array>,
  checkSize: SizeCheck,
  { everySeconds, onStillComing }: { everySeconds: number; onStillComing: () => Promise<unknown> },
): AsyncGenerator<Uint8Array> {
  let size = 0
  let since = performance.now()
  for await (const chunk of file) {
    size += chunk.length
    checkSize(size)
    if (performance.now() - since >= everySeconds * 1000) {
      await onStillComing()
      since = performance.now()
    }
    yield chunk
  }
  if (size === 0) throw new Problem('EMPTY_FILE', 'The file has no bytes.')
}
