import { formatBytes, formatShare } from '../format.ts'
import { useErrorText } from '../api/errors.ts'
import { useText } from '../i18n/language.ts'
import { uploadsText } from './text.ts'
import type { Upload, Uploads, UploadState } from './uploads.ts'
import { FileRow } from '../jobs/file-row.tsx'

interface Props {
  uploads: Uploads
  items: readonly Upload[]
}

/** The files on their way here: those waiting in one line, then the others, the newest first like the jobs below. */
export function UploadItems({ uploads, items }: Props) {
  const waiting = items.filter(({ state }) => state.phase === 'waiting')
  const begun = items.filter(({ state }) => state.phase !== 'waiting').toReversed()
  return (
    <>
      {waiting.length > 0 && <WaitingItem uploads={uploads} items={waiting} />}
      {begun.map((upload) => (
        <UploadItem key={upload.id} uploads={uploads} upload={upload} />
      ))}
    </>
  )
}

function WaitingItem({ uploads, items }: Props) {
  const text = useText(uploadsText)
  const describe = useErrorText()
  const held = items.flatMap(({ state }) => (state.phase === 'waiting' && state.held) || []).at(0)
  return (
    <li class="file">
      <details class="waiting">
        <summary>{text.waiting(items.length)}</summary>
        <ul>
          {items.map(({ id, filename, size }) => (
            <li key={id}>
              <bdi class="name" title={filename}>
                {filename}
              </bdi>
              <span class="quiet">{formatBytes(size)}</span>
              <button aria-label={text.cancelNamed(filename)} onClick={() => uploads.cancel(id)}>
                {text.cancel}
              </button>
            </li>
          ))}
        </ul>
      </details>
      {held !== undefined && <p class="notice warning">{describe(held)}</p>}
    </li>
  )
}

function UploadItem({ uploads, upload }: { uploads: Uploads; upload: Upload }) {
  const { id, filename, size, state } = upload
  const text = useText(uploadsText)
  const describe = useErrorText()
  const isFailed = state.phase === 'failed'
  const share = state.phase === 'sending' && size > 0 ? state.sentBytes / size : 0
  const actions = (
    <>
      {isFailed && (
        <button
          class="primary"
          aria-label={text.tryAgainNamed(filename)}
          onClick={() => uploads.tryAgain(id)}
        >
          {text.tryAgain}
        </button>
      )}
      {state.phase !== 'sent' && (
        <button
          aria-label={isFailed ? text.removeNamed(filename) : text.cancelNamed(filename)}
          onClick={() => uploads.cancel(id)}
        >
          {isFailed ? text.remove : text.cancel}
        </button>
      )}
    </>
  )
  return (
    <FileRow
      filename={filename}
      status={text.status[statusOf(state)]}
      tone={isFailed ? 'bad' : 'busy'}
      progress={isFailed ? undefined : state.phase === 'sent' ? 'unknown' : share}
      facts={[...(state.phase === 'sending' ? [formatShare(share)] : []), formatBytes(size)]}
      actions={actions}
    >
      {isFailed && (
        <p class="notice error" role="alert">
          {describe(state.error)}
        </p>
      )}
    </FileRow>
  )
}

const statusOf = (state: UploadState): 'interrupted' | UploadState['phase'] =>
  state.phase === 'sending' && state.isInterrupted ? 'interrupted' : state.phase
