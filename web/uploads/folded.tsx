import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { uploadsText } from './text.ts'

interface FoldedProps {
  summary: string
  children: () => ComponentChildren
}

/** A list that is there once it is opened. */
export function Folded({ summary, children }: FoldedProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="waiting" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && <ul>{children()}</ul>}
    </details>
  )
}

interface SomeProps<T> {
  items: readonly T[]
  render: (item: T) => ComponentChildren
}

const atOnce = 50

/** As many of a list's items as one looks at, and more when one asks for them. */
export function Some<T>({ items, render }: SomeProps<T>) {
  const text = useText(uploadsText)
  const [most, setMost] = useState(atOnce)
  const further = Math.min(atOnce, items.length - most)
  return (
    <>
      {items.slice(0, most).map(render)}
      {further > 0 && (
        <li key="more">
          <button onClick={() => setMost(most + atOnce)}>{text.showMore(further)}</button>
        </li>
      )}
    </>
  )
}
