import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { ErrorNotice } from './error-notice.tsx'
import { appText } from './text.ts'

interface Props<T> {
  load: () => Promise<T>
  children: (value: T, reload: () => void) => ComponentChildren
}

/** Shows what has to be asked for first, that it is being asked for, or why it cannot be had. */
export function Loaded<T>({ load, children }: Props<T>) {
  const text = useText(appText)
  const [value, setValue] = useState<{ loaded: T }>()
  const [error, setError] = useState<unknown>()
  const [round, setRound] = useState(0)
  const again = (): void => setRound((count) => count + 1)

  useEffect(() => {
    let isCurrent = true
    async function ask(): Promise<void> {
      try {
        const loaded = await load()
        if (isCurrent) setValue({ loaded })
      } catch (failure) {
        if (isCurrent) setError(failure)
      }
    }
    setError(undefined)
    void ask()
    return () => {
      isCurrent = false
    }
  }, [round])

  if (error !== undefined) return <ErrorNotice error={error} onRetry={again} />
  if (!value)
    return (
      <p class="placeholder" role="status">
        {text.loading}
      </p>
    )
  return <>{children(value.loaded, again)}</>
}
