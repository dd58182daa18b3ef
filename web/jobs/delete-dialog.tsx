import { useEffect, useRef } from 'preact/hooks'

interface Props {
  filename: string
  onClose: () => void
  onDelete: () => void
}

/** Asks once more. Once it is closed, by whatever means, the focus is back where it was. */
export function DeleteDialog({ filename, onClose, onDelete }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])

  function confirm(): void {
    dialog.current?.close()
    onDelete()
  }

  return (
    <dialog ref={dialog} aria-labelledby="delete-title" aria-describedby="delete-text" onClose={onClose}>
      <h2 id="delete-title">Delete this file?</h2>
      <p id="delete-text">
        <bdi>{filename}</bdi>
        <br />
        <span class="quiet">The video and its MP3 are deleted for good.</span>
      </p>
      <div class="actions">
        <button autoFocus onClick={() => dialog.current?.close()}>
          Keep it
        </button>
        <button class="danger-filled" onClick={confirm}>
          Delete
        </button>
      </div>
    </dialog>
  )
}
