import { useEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { hasFiles, takeFiles, type Picked, type Unreadable } from './picked.ts'
import { uploadsText } from './text.ts'

/** Makes the whole page take files that are dropped or pasted, and says so while some are dragged over it. */
export function DropTarget({ onFiles }: { onFiles: (files: (Picked | Unreadable)[]) => void }) {
  const [isOver, setOver] = useState(false)
  const text = useText(uploadsText)
  const latest = useRef(onFiles)
  latest.current = onFiles

  useEffect(() => {
    const listening = new AbortController()
    const { signal } = listening
    async function take(data: DataTransfer | null): Promise<void> {
      const files = await takeFiles(data)
      // A large folder takes a while, in which somebody else may have signed in.
      if (!signal.aborted) latest.current(files)
    }
    const onDrag = (type: 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void): void =>
      addEventListener(type, (event) => hasFiles(event.dataTransfer) && handle(event), { signal })
    onDrag('dragover', (event) => {
      event.preventDefault()
      setOver(true)
    })
    onDrag('dragleave', (event) => {
      // Between elements there is one to go to; out of the window there is none.
      if (event.relatedTarget === null) setOver(false)
    })
    onDrag('drop', (event) => {
      event.preventDefault()
      setOver(false)
      void take(event.dataTransfer)
    })
    addEventListener(
      'paste',
      (event) => {
        if (!hasFiles(event.clipboardData)) return
        event.preventDefault()
        void take(event.clipboardData)
      },
      { signal },
    )
    return () => listening.abort()
  }, [])

  return isOver ? <div class="drop-target">{text.dropNow}</div> : null
}
