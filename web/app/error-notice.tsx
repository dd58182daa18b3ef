import { errorWords } from '../api/error-text.ts'
import { English } from '../i18n/english.tsx'
import { language, useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { appText } from './text.ts'

interface Props {
  /** Nothing is shown without one. */
  error: unknown
  /** For what can be tried again. */
  onRetry?: () => void
}

/** What went wrong, in words. */
export function ErrorNotice({ error, onRetry }: Props) {
  const text = useText(appText)
  const chosen = useStore(language)
  if (error === undefined) return null
  const words = errorWords(error, chosen)
  return (
    <>
      <p class="notice error" role="alert">
        {words.text}
        <English>{words.english}</English>
      </p>
      {onRetry && (
        <button class="more" onClick={onRetry}>
          {text.tryAgain}
        </button>
      )}
    </>
  )
}
