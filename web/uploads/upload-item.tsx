import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useErrorText } from '../api/error-text.ts'
import { formatBytes, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { FileRow } from '../jobs/file-row.tsx'
import { useStore } from '../store.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import { EncodingChoice } from './encoding-choice.tsx'
import { encodingFor } from './encodings.ts'
import { GiveAgain } from './give-again.tsx'
import { isOnline } from './online.ts'
import type { Uploads } from './queue.ts'
import { uploadsText } from './text.ts'
import { isDear, type Progress, type Upload, type UploadState } from './upload.ts'

interface Props {
  uploads: Uploads
  upload: Upload
}

/** One file on its way here, from when its turn has come. */
export function UploadItem({ uploads, upload }: Props) {
  const { filename, size, state } = upload
  const text = useText(uploadsText)
  const status = statusOf(state, useStore(isOnline))
  const isBad = state.phase === 'failed' || state.phase === 'refused'
  return (
    <FileRow
      filename={filename}
      status={text.status[status]}
      tone={isBad ? 'bad' : 'busy'}
      progress={progressOf(upload)}
      facts={[...paceOf(upload, text), ...(size > 0 ? [formatBytes(size)] : [])]}
      actions={<Actions uploads={uploads} upload={upload} />}
    >
      <Explanation upload={upload} />
      {state.phase === 'paused' && upload.jobId === undefined && (
        <EncodingChoice
          label={text.qualityNamed(filename)}
          value={encodingFor(upload.options)}
          onChange={({ options }) => uploads.setOptions(upload.id, options)}
        />
      )}
    </FileRow>
  )
}

function Actions({ uploads, upload }: Props) {
  const { id, filename, state } = upload
  const text = useText(uploadsText)
  const action = (label: string, name: string, act: () => void, isFirst = false): ComponentChildren => (
    <button class={isFirst ? 'primary' : undefined} aria-label={name} onClick={act}>
      {label}
    </button>
  )
  const { phase } = state
  // One place for all of these, so that the focus stays where one becomes the other.
  const next =
    phase === 'sending'
      ? action(text.pause, text.pauseNamed(filename), () => uploads.pause(id))
      : phase === 'paused'
        ? action(text.resume, text.resumeNamed(filename), () => uploads.resume(id), true)
        : phase === 'failed' &&
          action(text.tryAgain, text.tryAgainNamed(filename), () => uploads.tryAgain(id), true)
  return (
    <>
      {next}
      {phase === 'orphaned' && (
        <GiveAgain uploads={uploads} id={id} filename={filename} isKept={state.isKept} />
      )}
      {phase === 'refused' || phase === 'failed'
        ? action(text.remove, text.removeNamed(filename), () => uploads.cancel(id))
        : phase !== 'sent' && <CancelButton uploads={uploads} upload={upload} />}
    </>
  )
}

/** Asks where much would be lost. */
function CancelButton({ uploads, upload }: Props) {
  const text = useText(uploadsText)
  const [isAsking, setAsking] = useState(false)
  const { id, filename, state } = upload
  const sent = 'sentBytes' in state ? formatBytes(state.sentBytes) : undefined
  return (
    <>
      <button
        aria-label={text.cancelNamed(filename)}
        onClick={() => (isDear(upload) ? setAsking(true) : uploads.cancel(id))}
      >
        {text.cancel}
      </button>
      {isAsking && (
        <CancelDialog
          question={text.askCancel(filename)}
          loss={text.sentIsLost(sent)}
          onClose={() => setAsking(false)}
          onCancel={() => uploads.cancel(id)}
        />
      )}
    </>
  )
}

/** Why it does not go on, and what to do. */
function Explanation({ upload: { state, jobId } }: { upload: Upload }) {
  const text = useText(uploadsText)
  const describe = useErrorText()
  if (state.phase === 'orphaned')
    return (
      <p class="notice warning">
        {state.error && `${describe(state.error)} `}
        {jobId === undefined ? text.leftWaiting(1) : text.leftUnfinished}{' '}
        {state.isKept ? text.mayResume : text.needsFile}
      </p>
    )
  if (state.phase !== 'failed' && state.phase !== 'refused') return null
  return (
    <p class="notice error" role="alert">
      {state.phase === 'failed' ? describe(state.error) : text.objection(state.objection)}
    </p>
  )
}

function statusOf(state: UploadState, hasNetwork: boolean): 'interrupted' | 'offline' | UploadState['phase'] {
  if (state.phase !== 'sending' || !state.isInterrupted) return state.phase
  return hasNetwork ? 'interrupted' : 'offline'
}

function progressOf({ state, size }: Upload): number | 'unknown' | undefined {
  if (state.phase === 'sent') return 'unknown'
  return 'sentBytes' in state ? (size > 0 ? state.sentBytes / size : 0) : undefined
}

function paceOf(upload: Upload, text: (typeof uploadsText)['en']): string[] {
  const { state } = upload
  const share = progressOf(upload)
  if (typeof share !== 'number') return []
  const { pace, silentSeconds }: Partial<Progress> = state.phase === 'sending' ? state : {}
  return [
    formatShare(share),
    ...(silentSeconds === undefined ? [] : [text.silent(silentSeconds)]),
    ...(pace ? [text.pace(formatBytes(Math.round(pace.bytesPerSecond))), text.left(pace.secondsLeft)] : []),
  ]
}
