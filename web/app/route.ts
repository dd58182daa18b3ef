import { useLayoutEffect, useState } from 'preact/hooks'

export const sections = ['files', 'tiers', 'users', 'account'] as const
export type Section = (typeof sections)[number]

/** What the address names. */
export type Route = { section: Section; jobId?: never } | { section: 'files'; jobId: string }

/** The part behind `#`: `job=ID`, as mails link to it, or a section's name. */
export function parseRoute(hash: string): Route {
  const jobId = new URLSearchParams(hash).get('job')
  if (jobId) return { section: 'files', jobId }
  return { section: sections.find((section) => section === hash) ?? 'files' }
}

export const jobAddress = (id: string): string => `#job=${encodeURIComponent(id)}`
export const sectionAddress = (section: Section): string => (section === 'files' ? '#' : `#${section}`)

const current = (): Route => parseRoute(location.hash.slice(1))

export function useRoute(): Route {
  const [route, setRoute] = useState(current)
  useLayoutEffect(() => {
    const read = (): void => setRoute(current())
    // It may have changed between the first rendering and now.
    read()
    addEventListener('hashchange', read)
    return () => removeEventListener('hashchange', read)
  }, [])
  return route
}
