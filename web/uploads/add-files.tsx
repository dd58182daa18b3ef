import { useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { automatic, constantBitrates, encodingOf, variableBitrates, type Encoding } from './encodings.ts'
import { uploadsText } from './text.ts'

interface Props {
  encoding: Encoding
  onEncoding: (encoding: Encoding) => void
  onFiles: (files: File[]) => void
}

/** The file picker, and how the MP3s of the files added next shall be made. */
export function AddFiles({ encoding, onEncoding, onFiles }: Props) {
  const text = useText(uploadsText)
  const input = useRef<HTMLInputElement>(null)

  function takeFiles(picker: HTMLInputElement): void {
    onFiles([...(picker.files ?? [])])
    // The same file can be picked again.
    picker.value = ''
  }

  return (
    <section class="add" aria-label={text.addFiles}>
      <p class="add-hint">{text.dropHint}</p>
      <button class="primary" onClick={() => input.current?.click()}>
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
        <select value={encoding.key} onChange={(event) => onEncoding(encodingOf(event.currentTarget.value))}>
          <Choices encodings={[automatic]} />
          <optgroup label={text.constant}>
            <Choices encodings={constantBitrates} />
          </optgroup>
          <optgroup label={text.variable}>
            <Choices encodings={variableBitrates} />
          </optgroup>
        </select>
      </label>
    </section>
  )
}

function Choices({ encodings }: { encodings: Encoding[] }) {
  const text = useText(uploadsText)
  return encodings.map(({ key, label }) => (
    <option key={key} value={key}>
      {label(text)}
    </option>
  ))
}
