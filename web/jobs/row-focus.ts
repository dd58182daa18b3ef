import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { focusHeading } from '../app/focus.ts'

interface Rows<T> {
  items: readonly T[]
  keyOf: (item: T) => string
  /** To be called where another row has to be in the document. */
  renderAgain: () => void
}

/**
 * Where the focus is in a list whose rows come and go: the place of its row, which has to stay in the document. Once that row is
 * gone, the focus goes on to the next one, unless it has been put elsewhere.
 */
export function useFocusedRow<T>(
  list: RefObject<HTMLElement | null>,
  { items, keyOf, renderAgain }: Rows<T>,
): number | undefined {
  /** The row that has the focus, or had it last and lost it through no act of whoever sits there. */
  const held = useRef<string | undefined>(undefined)
  const isMoving = useRef(false)
  const before = useRef(items)
  useEffect(() => watchFocus((target) => (held.current = keyWithin(list.current, target))), [])

  useLayoutEffect(() => {
    const was = before.current
    before.current = items
    const { current: key } = held
    if (key === undefined || items.some((item) => keyOf(item) === key)) return
    held.current = neighbourOf(key, was.map(keyOf), new Set(items.map(keyOf)))
    isMoving.current = true
    renderAgain()
  }, [items])

  useLayoutEffect(() => {
    if (!isMoving.current) return
    const { current: key } = held
    const row = key === undefined ? undefined : rowOf(list.current, key)
    // It comes with the next rendering.
    if (key !== undefined && !row) return
    isMoving.current = false
    if (document.activeElement !== document.body) return
    if (row) row.querySelector<HTMLElement>('a[href]')?.focus({ preventScroll: true })
    else focusHeading()
  })

  const { current: key } = held
  const place = useMemo(() => items.findIndex((item) => keyOf(item) === key), [items, key])
  return place < 0 ? undefined : place
}

/** Calls `onMove` with what the focus has been put on; without, where it was taken away by pressing beside everything. */
function watchFocus(onMove: (target?: Element) => void): () => void {
  const watching = new AbortController()
  const { signal } = watching
  // A question is asked about what had the focus before, and gives it back.
  const outside = ({ target }: Event): Element | undefined =>
    target instanceof Element && !target.closest('dialog') ? target : undefined
  document.addEventListener(
    'focusin',
    (event) => {
      const target = outside(event)
      if (target) onMove(target)
    },
    { signal },
  )
  document.addEventListener('pointerdown', (event) => outside(event) && onMove(), { signal, capture: true })
  return () => watching.abort()
}

const keyWithin = (list: Element | null, target: Element | undefined): string | undefined =>
  list?.contains(target ?? null) ? target?.closest<HTMLElement>('[data-key]')?.dataset['key'] : undefined

const rowOf = (list: Element | null, key: string): Element | undefined =>
  list?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? undefined

/** The first that is left of those that came after it, else of those before it, the nearest first. */
function neighbourOf(key: string, was: readonly string[], left: ReadonlySet<string>): string | undefined {
  const place = was.indexOf(key)
  const isLeft = (other: string): boolean => left.has(other)
  return was.slice(place + 1).find(isLeft) ?? was.slice(0, Math.max(place, 0)).findLast(isLeft)
}
