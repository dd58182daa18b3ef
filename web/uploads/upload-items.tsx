import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { Some } from './folded.tsx'
import { LeftItem, RefusedItem, WaitingItem } from './many-items.tsx'
import type { Uploads } from './queue.ts'
import { SummaryItem } from './summary-item.tsx'
import { uploadsText } from './text.ts'
import { isLeft, isWaiting, type Upload } from './upload.ts'
import { UploadItem } from './upload-item.tsx'

/** So many refused files have a place each. */
const mostRefused = 3

/**
 * The files on their way here: how they go together, those that wait, or that were refused, in one line, then the others, newest
 * first like the jobs below.
 */
export function UploadItems({ uploads }: { uploads: Uploads }) {
  const text = useText(uploadsText)
  const { uploads: items } = useStore(uploads.state)
  if (items.length === 0) return null
  const waiting = items.filter(isWaiting)
  const left = severalOf(items.filter(isLeft), 1)
  const refused = severalOf(
    items.filter(({ state }) => state.phase === 'refused'),
    mostRefused,
  )
  const together = new Set([...waiting, ...left, ...refused])
  return (
    <ul class="files" aria-label={text.uploads}>
      <SummaryItem uploads={uploads} areRefusedTogether={refused.length > 0} />
      {refused.length > 0 && <RefusedItem uploads={uploads} items={refused} />}
      {left.length > 0 && <LeftItem uploads={uploads} items={left} />}
      {waiting.length > 0 && <WaitingItem uploads={uploads} items={waiting} />}
      <Some
        items={items.filter((upload) => !together.has(upload)).toReversed()}
        render={(upload) => (
          <li key={upload.id}>
            <UploadItem uploads={uploads} upload={upload} />
          </li>
        )}
      />
    </ul>
  )
}

/** These, if there are more than that; else none. */
const severalOf = (items: readonly Upload[], few: number): readonly Upload[] =>
  items.length > few ? items : []
