import { useState } from 'preact/hooks'
import { formatBytes, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { isOnline } from './online.ts'
import type { Uploads } from './queue.ts'
import { uploadsText } from './text.ts'
import { isOver, summarize, type Upload } from './upload.ts'

interface Props {
  uploads: Uploads
  /** What was refused is cleared elsewhere. */
  areRefusedTogether: boolean
}

/** All of them together. */
export function SummaryItem({ uploads, areRefusedTogether }: Props) {
  const text = useText(uploadsText)
  const { uploads: items, isPaused } = useStore(uploads.state)
  const online = useStore(isOnline)
  const failed = items.filter(hasFailed).length
  const over = items.filter((upload) => isOver(upload) && upload.state.phase !== 'sent').length
  const cleared = areRefusedTogether ? failed : over
  const { files, bytes, sentBytes, bytesPerSecond, secondsLeft } = summarize(items)
  if (files === 0 && !isPaused && cleared < 2) return null
  const facts = [
    ...(files > 0 ? [text.files(files), text.sentOf(formatBytes(sentBytes), formatBytes(bytes))] : []),
    ...(secondsLeft === undefined || isPaused
      ? []
      : [text.pace(formatBytes(Math.round(bytesPerSecond))), text.left(secondsLeft)]),
    ...(failed > 0 ? [text.failed(failed)] : []),
  ]
  // A server on the same machine is reached without a network.
  const isMoving = items.some(({ state }) => state.phase === 'sending' && !state.isInterrupted)
  const going = online || isMoving ? text.status.sending : text.status.offline
  return (
    <li class="file summary">
      <p class="name">
        {files === 0 && !isPaused
          ? text.notUploaded(cleared)
          : `${isPaused ? text.status.paused : going} ${formatShare(bytes > 0 ? sentBytes / bytes : 0)}`}
      </p>
      <p class="facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <div class="actions">
        <PauseButton uploads={uploads} isPaused={isPaused} isAnythingGoing={files > 0} />
        {failed > 1 && <button onClick={() => uploads.retryFailed()}>{text.retryFailed}</button>}
        {cleared > 1 && (
          <button onClick={() => uploads.cancelThose(areRefusedTogether ? hasFailed : isOver)}>
            {text.clear}
          </button>
        )}
        {files > 1 && <CancelAllButton uploads={uploads} files={files} sentBytes={sentBytes} />}
      </div>
    </li>
  )
}

const hasFailed = ({ state }: Upload): boolean => state.phase === 'failed'

interface PauseProps {
  uploads: Uploads
  isPaused: boolean
  isAnythingGoing: boolean
}

function PauseButton({ uploads, isPaused, isAnythingGoing }: PauseProps) {
  const text = useText(uploadsText)
  if (isPaused)
    return (
      <button class="primary" onClick={() => uploads.resumeAll()}>
        {text.resumeAll}
      </button>
    )
  return isAnythingGoing ? <button onClick={() => uploads.pauseAll()}>{text.pauseAll}</button> : null
}

interface CancelAllProps {
  uploads: Uploads
  files: number
  sentBytes: number
}

function CancelAllButton({ uploads, files, sentBytes }: CancelAllProps) {
  const text = useText(uploadsText)
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <button onClick={() => setAsking(true)}>{text.cancelAll}</button>
      {isAsking && (
        <CancelDialog
          question={text.askCancelAll(files)}
          loss={text.sentIsLost(formatBytes(sentBytes))}
          onClose={() => setAsking(false)}
          onCancel={() => uploads.cancelAll()}
        />
      )}
    </>
  )
}
