import { useEffect, useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { jobsText } from './text.ts'

interface Props {
  filename: string
  onClose: () => void
  onDelete: () => void
}

/** Asks once more. Once it is closed, by whatever means, the focus is back where it was. */
export function DeleteDialog({ filename, onClose, onDelete }: Props) {
  const text = useText(jobsText)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])

  function confirm(): void {
    dialog.current?.close()
    onDelete()
  }

  return (
    <dialog ref={dialog} aria-labelledby="delete-title" aria-describedby="delete-text" onClose={onClose}>
      <h2 id="delete-title">{text.askDelete}</h2>
      <p id="delete-text">
        <bdi>{filename}</bdi>
        <br />
        <span class="quiet">{text.goesForGood}</span>
      </p>
      <div class="actions">
        <button autoFocus onClick={() => dialog.current?.close()}>
          {text.keepIt}
        </button>
        <button class="danger-filled" onClick={confirm}>
          {text.remove}
        </button>
      </div>
    </dialog>
  )
}
