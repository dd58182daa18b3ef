import type { TargetedSubmitEvent } from 'preact'
import { useState } from 'preact/hooks'

export interface Action {
  isBusy: boolean
  /** Why the last one failed. */
  error: unknown
  /** Resolves to whether it has succeeded. */
  run: (act: () => Promise<void>) => Promise<boolean>
  /** Says that it has failed after all. */
  fail: (error: unknown) => void
}

/** Something that one lets happen and that may be refused, one after the other. */
export function useAction(earlierError?: unknown): Action {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState(earlierError)

  async function run(act: () => Promise<void>): Promise<boolean> {
    setBusy(true)
    setError(undefined)
    try {
      await act()
      return true
    } catch (failure) {
      setError(failure)
      return false
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, error, run, fail: setError }
}

/** The same for a form, which is empty again once it has succeeded. */
export function useForm(act: (values: FormData) => Promise<void>, earlierError?: unknown) {
  const { isBusy, error, run } = useAction(earlierError)

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    if (await run(() => act(new FormData(form)))) form.reset()
  }
  return { isBusy, error, onSubmit: (event: TargetedSubmitEvent<HTMLFormElement>) => void submit(event) }
}

/** The text of a form's field; '' where there is none. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name)
  return typeof value === 'string' ? value : ''
}
