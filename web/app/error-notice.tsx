import { useErrorText } from '../api/error-text.ts'
import { useText } from '../i18n/language.ts'
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
  const describe = useErrorText()
  if (error === undefined) return null
  return (
    <>
      <p class="notice error" role="alert">
        {describe(error)}
      </p>
      {onRetry && (
        <button class="more" onClick={onRetry}>
          {text.tryAgain}
        </button>
      )}
    </>
  )
}
