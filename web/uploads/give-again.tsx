import { useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import type { Uploads } from './queue.ts'
import { uploadsText } from './text.ts'

interface Props {
  uploads: Uploads
  id: number
  filename: string
  isKept: boolean
}

/** The page was left since: the browser has the file and only wants to be told that it may give it, or one has to choose it. */
export function GiveAgain({ uploads, id, filename, isKept }: Props) {
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
