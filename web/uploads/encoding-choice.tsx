import { useText } from '../i18n/language.ts'
import { automatic, constantBitrates, encodingOf, variableBitrates, type Encoding } from './encodings.ts'
import { uploadsText } from './text.ts'

interface Props {
  /** What is chosen for, where no label stands beside it. */
  label?: string
  value: Encoding
  onChange: (encoding: Encoding) => void
}

/** How an MP3 shall be made. */
export function EncodingChoice({ label, value, onChange }: Props) {
  const text = useText(uploadsText)
  return (
    <select
      aria-label={label}
      value={value.key}
      onChange={(event) => onChange(encodingOf(event.currentTarget.value))}
    >
      <Choices encodings={[automatic]} />
      <optgroup label={text.constant}>
        <Choices encodings={constantBitrates} />
      </optgroup>
      <optgroup label={text.variable}>
        <Choices encodings={variableBitrates} />
      </optgroup>
    </select>
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
