import { formatBytes, formatShare } from '../format.ts'
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
  const held = items.flatMap(({ state }) => (state.phase === 'waiting' && state.held) || []).at(0)
  const count = items.length === 1 ? '1 file is waiting' : `${items.length} files are waiting`
  return (
    <li class="file">
      <details class="waiting">
        <summary>{count} to be uploaded</summary>
        <ul>
          {items.map(({ id, filename, size }) => (
            <li key={id}>
              <bdi class="name" title={filename}>
                {filename}
              </bdi>
              <span class="quiet">{formatBytes(size)}</span>
              <button aria-label={`Cancel ${filename}`} onClick={() => uploads.cancel(id)}>
                Cancel
              </button>
            </li>
          ))}
        </ul>
      </details>
      {held !== undefined && <p class="notice warning">{held}</p>}
    </li>
  )
}

function UploadItem({ uploads, upload }: { uploads: Uploads; upload: Upload }) {
  const { id, filename, size, state } = upload
  const isFailed = state.phase === 'failed'
  const share = state.phase === 'sending' && size > 0 ? state.sentBytes / size : 0
  const actions = (
    <>
      {isFailed && (
        <button class="primary" aria-label={`Try again: ${filename}`} onClick={() => uploads.tryAgain(id)}>
          Try again
        </button>
      )}
      {state.phase !== 'sent' && (
        <button
          aria-label={`${isFailed ? 'Remove' : 'Cancel'} ${filename}`}
          onClick={() => uploads.cancel(id)}
        >
          {isFailed ? 'Remove' : 'Cancel'}
        </button>
      )}
    </>
  )
  return (
    <FileRow
      filename={filename}
      status={statusOf(state)}
      tone={isFailed ? 'bad' : 'busy'}
      progress={isFailed ? undefined : state.phase === 'sent' ? 'unknown' : share}
      facts={[...(state.phase === 'sending' ? [formatShare(share)] : []), formatBytes(size)]}
      actions={actions}
    >
      {isFailed && (
        <p class="notice error" role="alert">
          {state.message}
        </p>
      )}
    </FileRow>
  )
}

function statusOf(state: UploadState): string {
  switch (state.phase) {
    case 'waiting':
      return 'Waiting to be uploaded'
    case 'sending':
      return state.isInterrupted ? 'Interrupted, trying again' : 'Uploading'
    case 'sent':
      return 'Uploaded'
    case 'failed':
      return 'Upload failed'
  }
}
