import { useRef } from 'preact/hooks'
import { automatic, constantBitrates, encodingOf, variableBitrates, type Encoding } from './encodings.ts'

interface Props {
  encoding: Encoding
  onEncoding: (encoding: Encoding) => void
  onFiles: (files: File[]) => void
}

/** The file picker, and how the MP3s of the files added next shall be made. */
export function AddFiles({ encoding, onEncoding, onFiles }: Props) {
  const input = useRef<HTMLInputElement>(null)

  function takeFiles(picker: HTMLInputElement): void {
    onFiles([...(picker.files ?? [])])
    // The same file can be picked again.
    picker.value = ''
  }

  return (
    <section class="add" aria-label="Add files">
      <p class="add-hint">Drop videos anywhere on this page, or</p>
      <button class="primary" onClick={() => input.current?.click()}>
        Choose files
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
        <span>MP3 quality</span>
        <select value={encoding.key} onChange={(event) => onEncoding(encodingOf(event.currentTarget.value))}>
          <Choices encodings={[automatic]} />
          <optgroup label="Constant bitrate">
            <Choices encodings={constantBitrates} />
          </optgroup>
          <optgroup label="Variable bitrate">
            <Choices encodings={variableBitrates} />
          </optgroup>
        </select>
      </label>
    </section>
  )
}

function Choices({ encodings }: { encodings: Encoding[] }) {
  return encodings.map(({ key, label }) => (
    <option key={key} value={key}>
      {label}
    </option>
  ))
}
