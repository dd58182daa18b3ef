import { useEffect, useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { uploadsText } from './text.ts'

interface Props {
  question: string
  /** What goes. */
  loss: string
  onClose: () => void
  onCancel: () => void
}

/** Asks once more before what has been sent is lost. */
export function CancelDialog({ question, loss, onClose, onCancel }: Props) {
  const text = useText(uploadsText)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])

  function confirm(): void {
    dialog.current?.close()
    onCancel()
  }

  return (
    <dialog ref={dialog} aria-labelledby="cancel-title" aria-describedby="cancel-text" onClose={onClose}>
      <h2 id="cancel-title">{question}</h2>
      <p id="cancel-text" class="quiet">
        {loss}
      </p>
      <div class="actions">
        <button autoFocus onClick={() => dialog.current?.close()}>
          {text.goOn}
        </button>
        <button class="danger-filled" onClick={confirm}>
          {text.cancelIt}
        </button>
      </div>
    </dialog>
  )
}
