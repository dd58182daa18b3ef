import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { appText } from './text.ts'

interface Props {
  title: string
  /** What it is about, and what comes of it. */
  children: ComponentChildren
  /** What its two answers say. */
  stay: string
  go: string
  onClose: () => void
  onGo: () => void
}

/** Asks once more before something goes for good. Once it is closed, by whatever means, the focus is back where it was. */
export function Question({ title, children, stay, go, onClose, onGo }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])

  function confirm(): void {
    dialog.current?.close()
    onGo()
  }

  return (
    <dialog ref={dialog} aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`} onClose={onClose}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div id={`${id}-text`}>{children}</div>
      <div class="actions">
        <button autoFocus onClick={() => dialog.current?.close()}>
          {stay}
        </button>
        <button class="danger-filled" onClick={confirm}>
          {go}
        </button>
      </div>
    </dialog>
  )
}

const mostNames = 5

/** The first of these files, and how many more there are. */
export function Names({ of }: { of: readonly { name: string; owner?: string | undefined }[] }) {
  const text = useText(appText)
  return (
    <ul class="names">
      {of.slice(0, mostNames).map(({ name, owner }, index) => (
        <li key={index}>
          <bdi>{name}</bdi>
          {owner !== undefined && <bdi class="quiet"> ({owner})</bdi>}
        </li>
      ))}
      {of.length > mostNames && <li class="quiet">{text.andMore(of.length - mostNames)}</li>}
    </ul>
  )
}
