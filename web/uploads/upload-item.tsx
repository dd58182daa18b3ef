import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { useErrorText } from '../api/error-text.ts'
import { formatBytes, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { FileRow } from '../jobs/file-row.tsx'
import { EncodingChoice } from './encoding-choice.tsx'
import { encodingFor } from './encodings.ts'
import type { Uploads } from './queue.ts'
import { uploadsText } from './text.ts'
import { isChangeable, type Upload, type UploadState } from './upload.ts'

interface Props {
  uploads: Uploads
  upload: Upload
}

/** One file on its way here, from when its turn has come. */
export function UploadItem({ uploads, upload }: Props) {
  const { filename, size, state } = upload
  const text = useText(uploadsText)
  const isBad = state.phase === 'failed' || state.phase === 'refused'
  return (
    <FileRow
      filename={filename}
      status={text.status[statusOf(state)]}
      tone={isBad ? 'bad' : 'busy'}
      progress={progressOf(upload)}
      facts={[...paceOf(upload, text), ...(size > 0 ? [formatBytes(size)] : [])]}
      actions={<Actions uploads={uploads} upload={upload} />}
    >
      <Explanation upload={upload} />
      {state.phase === 'paused' && isChangeable(upload) && (
        <EncodingChoice
          label={text.qualityNamed(filename)}
          value={encodingFor(upload.options)}
          onChange={({ options }) => uploads.setOptions(upload.id, options)}
        />
      )}
    </FileRow>
  )
}

function Actions({ uploads, upload: { id, filename, state } }: Props) {
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
        : phase !== 'sent' && action(text.cancel, text.cancelNamed(filename), () => uploads.cancel(id))}
    </>
  )
}

interface GiveAgainProps {
  uploads: Uploads
  id: number
  filename: string
  isKept: boolean
}

/** The page was left since: the browser has the file and only wants to be told that it may give it, or one has to choose it. */
function GiveAgain({ uploads, id, filename, isKept }: GiveAgainProps) {
  const text = useText(uploadsText)
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        class="primary"
        aria-label={isKept ? text.resumeNamed(filename) : text.chooseAgainNamed(filename)}
        onClick={() => (isKept ? void uploads.giveAgain(id) : input.current?.click())}
      >
        {isKept ? text.resume : text.chooseAgain}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? []
          if (file) void uploads.giveAgain(id, { file })
          currentTarget.value = ''
        }}
      />
    </>
  )
}

/** Why it does not go on, and what to do. */
function Explanation({ upload: { state } }: { upload: Upload }) {
  const text = useText(uploadsText)
  const describe = useErrorText()
  if (state.phase === 'orphaned')
    return (
      <p class="notice warning">
        {state.error && `${describe(state.error)} `}
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

const statusOf = (state: UploadState): 'interrupted' | UploadState['phase'] =>
  state.phase === 'sending' && state.isInterrupted ? 'interrupted' : state.phase

function progressOf({ state, size }: Upload): number | 'unknown' | undefined {
  if (state.phase === 'sent') return 'unknown'
  return 'sentBytes' in state ? (size > 0 ? state.sentBytes / size : 0) : undefined
}

function paceOf(upload: Upload, text: (typeof uploadsText)['en']): string[] {
  const { state } = upload
  const share = progressOf(upload)
  if (typeof share !== 'number') return []
  const pace = state.phase === 'sending' ? state.pace : undefined
  return [
    formatShare(share),
    ...(pace ? [text.pace(formatBytes(Math.round(pace.bytesPerSecond))), text.left(pace.secondsLeft)] : []),
  ]
}
