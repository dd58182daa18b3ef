import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

let isAwaited = false
addEventListener('hashchange', () => (isAwaited = true))

interface Props {
  id?: string
  /** What the window is called. */
  title: string
  children?: ComponentChildren
  /** Whoever comes back finds the section scrolled as it was. */
  keepsPlace?: boolean
}

/**
 * The heading of what the address names. Whoever has come here from another section gets the focus on it, so that a
 * screen reader says where one is; after a load the page begins at its beginning.
 */
export function Heading({ id, title, children = title, keepsPlace = false }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (isAwaited) heading.current?.focus({ preventScroll: true })
    if (isAwaited && !keepsPlace) scrollTo(0, 0)
    isAwaited = false
  }, [])
  useTitle(title)
  return (
    <h2 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h2>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – Tapedeck`
  }, [title])
}
