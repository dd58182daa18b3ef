import { useEffect, useState } from 'preact/hooks'
import type { Tapedeck } from '../app/tapedeck.ts'

/** The job that the address names (`#job=ID`, as mails link to it), or why it cannot be shown. */
export function useNamedJob({ api, jobs }: Tapedeck): { id?: string; error?: unknown } {
  const [id, setId] = useState(readId)
  const [error, setError] = useState<unknown>()

  useEffect(() => {
    const read = (): void => setId(readId())
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])

  useEffect(() => {
    setError(undefined)
    if (id === undefined) return
    let isCurrent = true
    api.job(id).then(
      (job) => isCurrent && jobs.apply(job),
      (failure: unknown) => isCurrent && setError(failure),
    )
    return () => {
      isCurrent = false
    }
  }, [id, api, jobs])

  return { ...(id !== undefined && { id }), ...(error !== undefined && { error }) }
}

const readId = (): string | undefined => new URLSearchParams(location.hash.slice(1)).get('job') || undefined
