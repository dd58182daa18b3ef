import { useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { EncodingChoice } from './encoding-choice.tsx'
import type { Encoding } from './encodings.ts'
import { acceptedFiles, hasPicker, pickFiles, type Picked, type Unreadable } from './picked.ts'
import type { Uploads } from './queue.ts'
import { uploadsText } from './text.ts'

interface Props {
  uploads: Uploads
  encoding: Encoding
  onEncoding: (encoding: Encoding) => void
  onFiles: (files: (Picked | Unreadable)[]) => void
}

/** The file picker, how the MP3s of the files added next shall be made, and whether these are sent at once. */
export function AddFiles({ uploads, encoding, onEncoding, onFiles }: Props) {
  const text = useText(uploadsText)
  const input = useRef<HTMLInputElement>(null)
  const { isPaused } = useStore(uploads.state)

  async function choose(): Promise<void> {
    const files = hasPicker() ? await pickFiles() : undefined
    // It is gone once somebody else has signed in meanwhile.
    if (!input.current) return
    if (files) onFiles(files)
    else input.current.click()
  }

  function takeFiles(picker: HTMLInputElement): void {
    onFiles(Array.from(picker.files ?? [], (file) => ({ file })))
    // The same file can be picked again.
    picker.value = ''
  }

  return (
    <section class="add" aria-label={text.addFiles}>
      <p class="add-hint">{text.dropHint}</p>
      <button class="primary" onClick={() => void choose()}>
        {text.chooseFiles}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={acceptedFiles}
        onChange={(event) => takeFiles(event.currentTarget)}
      />
      <label class="add-encoding">
        <span>{text.quality}</span>
        <EncodingChoice value={encoding} onChange={onEncoding} />
      </label>
      <label class="add-held">
        <input
          type="checkbox"
          checked={isPaused}
          onChange={({ currentTarget }) => (currentTarget.checked ? uploads.pauseAll() : uploads.resumeAll())}
        />
        {text.notYet}
      </label>
    </section>
  )
}
