import {
  defaultRangeExtractor,
  type Range,
  type VirtualItem,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
  type VirtualizerOptions,
} from '@tanstack/virtual-core'
import type { ComponentChildren, RefObject } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { useFocusedRow } from './row-focus.ts'

interface Props<T> {
  items: readonly T[]
  keyOf: (item: T) => string
  /** Pixels, for those that have not been seen yet. */
  estimatedHeight: number
  gap: number
  /** Is kept when the list goes: the next one with it begins there. */
  place: ListPlace
  label: string
  /** There are more than are known. */
  hasMore: boolean
  /** They cannot be asked for at the moment. */
  isWaiting: boolean
  /** The end of what is known has come close. */
  onNearEnd: () => void
  render: (item: T) => ComponentChildren
}

/** How far a list has been scrolled, and how high its items were found to be. */
export interface ListPlace {
  scrollY?: number
  measured?: VirtualItem[]
}

const nearEnd = 10
const overscan = 8

/** A list that scrolls with the window, of which only what can be seen is in the document: so it may have any length. */
export function VirtualList<T>(props: Props<T>) {
  const { items, label, hasMore, isWaiting, onNearEnd, render } = props
  const list = useRef<HTMLUListElement>(null)
  const virtualizer = useVirtualizer(list, props)
  const rows = virtualizer.getVirtualItems()
  const last = (virtualizer.range?.endIndex ?? -1) + overscan
  const isNearEnd = hasMore && !isWaiting && last >= items.length - nearEnd
  useEffect(() => {
    if (isNearEnd) onNearEnd()
  }, [isNearEnd, items.length])

  return (
    <ul ref={list} class="virtual" aria-label={label} style={{ height: `${virtualizer.getTotalSize()}px` }}>
      {rows.map(({ key, index, start }) => {
        const item = items[index]
        return (
          item !== undefined && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              data-key={key}
              aria-setsize={hasMore ? -1 : items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }}
            >
              {render(item)}
            </li>
          )
        )
      })}
    </ul>
  )
}

function useVirtualizer<T>(
  list: RefObject<HTMLElement | null>,
  { items, keyOf, estimatedHeight, gap, place }: Props<T>,
): Virtualizer<Window, HTMLLIElement> {
  const [, count] = useReducer((renderings: number) => renderings + 1, 0)
  const renderAgain = (): void => count(undefined)
  const scrollMargin = useTopOf(list)
  const focused = useFocusedRow(list, { items, keyOf, renderAgain })
  // As long as it is the same function, what has been measured holds.
  const getItemKey = useCallback((index: number) => keyOf(items[index] as T), [items])
  const rangeExtractor = useCallback((range: Range) => withRow(focused, range), [focused])
  const options: VirtualizerOptions<Window, HTMLLIElement> = {
    count: items.length,
    getScrollElement: () => window,
    estimateSize: () => estimatedHeight,
    getItemKey,
    scrollToFn: windowScroll,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    initialOffset: () => place.scrollY ?? 0,
    initialMeasurementsCache: place.measured ?? [],
    scrollMargin,
    overscan,
    rangeExtractor,
    gap,
    onChange: renderAgain,
  }
  const [virtualizer] = useState(() => new Virtualizer(options))
  virtualizer.setOptions(options)
  // What it wants to be told by whoever adapts it to a library for views is marked so.
  // oxlint-disable no-underscore-dangle
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => virtualizer._willUpdate())
  useLayoutEffect(() => {
    scrollTo(0, place.scrollY ?? 0)
    return () => {
      place.scrollY = window.scrollY
      place.measured = virtualizer.takeSnapshot()
    }
  }, [virtualizer])
  // oxlint-enable no-underscore-dangle
  return virtualizer
}

/** Which rows are in the document: those that can be seen, those around them, and the one with the focus, which would be lost. */
function withRow(place: number | undefined, range: Range): number[] {
  const places = defaultRangeExtractor(range)
  if (place === undefined || place >= range.count || places.includes(place)) return places
  return place < (places[0] ?? 0) ? [place, ...places] : [...places, place]
}

/** How far below the top of the document it begins: whatever stands above it may grow. */
function useTopOf(list: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0)
  const measure = (): void => setTop(list.current?.offsetTop ?? 0)
  useLayoutEffect(measure)
  useEffect(() => {
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  return top
}
