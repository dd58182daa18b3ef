import { useErrorText } from '../api/error-text.ts'
import { formatBytes, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { EncodingChoice } from './encoding-choice.tsx'
import { encodingFor } from './encodings.ts'
import type { Uploads } from './queue.ts'
import { uploadsText } from './text.ts'
import { summarize, type Upload } from './upload.ts'
import { UploadItem } from './upload-item.tsx'

/** The files on their way here: how they go together, those waiting in one line, then the others, newest first like the jobs below. */
export function UploadItems({ uploads }: { uploads: Uploads }) {
  const text = useText(uploadsText)
  const { uploads: items } = useStore(uploads.state)
  const isWaiting = ({ state: { phase } }: Upload): boolean => phase === 'waiting' || phase === 'checking'
  const waiting = items.filter(isWaiting)
  const begun = items.filter((upload) => !isWaiting(upload)).toReversed()
  if (items.length === 0) return null
  return (
    <ul class="files" aria-label={text.uploads}>
      <SummaryItem uploads={uploads} />
      {waiting.length > 0 && <WaitingItem uploads={uploads} items={waiting} />}
      {begun.map((upload) => (
        <li key={upload.id}>
          <UploadItem uploads={uploads} upload={upload} />
        </li>
      ))}
    </ul>
  )
}

/** All of them together, where there are several. */
function SummaryItem({ uploads }: { uploads: Uploads }) {
  const text = useText(uploadsText)
  const { uploads: items, isPaused } = useStore(uploads.state)
  const { files, bytes, sentBytes, bytesPerSecond, secondsLeft } = summarize(items)
  if (files < 2 && !isPaused) return null
  const facts = [
    text.files(files),
    text.sentOf(formatBytes(sentBytes), formatBytes(bytes)),
    ...(secondsLeft === undefined || isPaused
      ? []
      : [text.pace(formatBytes(Math.round(bytesPerSecond))), text.left(secondsLeft)]),
  ]
  return (
    <li class="file summary">
      <p class="name">
        {isPaused ? text.status.paused : text.status.sending} {formatShare(bytes > 0 ? sentBytes / bytes : 0)}
      </p>
      <p class="facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <div class="actions">
        {isPaused ? (
          <button class="primary" onClick={() => uploads.resumeAll()}>
            {text.resumeAll}
          </button>
        ) : (
          <button onClick={() => uploads.pauseAll()}>{text.pauseAll}</button>
        )}
      </div>
    </li>
  )
}

function WaitingItem({ uploads, items }: { uploads: Uploads; items: readonly Upload[] }) {
  const text = useText(uploadsText)
  const describe = useErrorText()
  const held = items.flatMap(({ state }) => (state.phase === 'waiting' && state.held) || []).at(0)
  return (
    <li class="file">
      <details class="waiting">
        <summary>{text.waiting(items.length)}</summary>
        <ul>
          {items.map(({ id, filename, size, options, jobId }) => (
            <li key={id}>
              <bdi class="name" title={filename}>
                {filename}
              </bdi>
              <span class="quiet">{formatBytes(size)}</span>
              {jobId === undefined && (
                <EncodingChoice
                  label={text.qualityNamed(filename)}
                  value={encodingFor(options)}
                  onChange={(chosen) => uploads.setOptions(id, chosen.options)}
                />
              )}
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
