import { useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { EncodingChoice } from './encoding-choice.tsx'
import type { Encoding } from './encodings.ts'
import { hasPicker, pickFiles, type Picked, type Unreadable } from './picked.ts'
import { uploadsText } from './text.ts'

interface Props {
  encoding: Encoding
  onEncoding: (encoding: Encoding) => void
  onFiles: (files: (Picked | Unreadable)[]) => void
}

/** The file picker, and how the MP3s of the files added next shall be made. */
export function AddFiles({ encoding, onEncoding, onFiles }: Props) {
  const text = useText(uploadsText)
  const input = useRef<HTMLInputElement>(null)

  function takeFiles(picker: HTMLInputElement): void {
    onFiles(Array.from(picker.files ?? [], (file) => ({ file })))
    // The same file can be picked again.
    picker.value = ''
  }

  return (
    <section class="add" aria-label={text.addFiles}>
      <p class="add-hint">{text.dropHint}</p>
      <button
        class="primary"
        onClick={() => (hasPicker() ? void pickFiles().then(onFiles) : input.current?.click())}
      >
        {text.chooseFiles}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".avi,.mp4,video/*"
        onChange={(event) => takeFiles(event.currentTarget)}
      />
      <label class="add-encoding">
        <span>{text.quality}</span>
        <EncodingChoice value={encoding} onChange={onEncoding} />
      </label>
    </section>
  )
}
