import { useEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { uploadsText } from './text.ts'

/** Makes the whole page take dropped files, and says so while some are dragged over it. */
export function DropTarget({ onFiles }: { onFiles: (files: File[]) => void }) {
  const [isOver, setOver] = useState(false)
  const text = useText(uploadsText)
  const latest = useRef(onFiles)
  latest.current = onFiles

  useEffect(() => {
    const listening = new AbortController()
    const on = (type: 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void): void =>
      addEventListener(type, (event) => hasFiles(event) && handle(event), { signal: listening.signal })
    on('dragover', (event) => {
      event.preventDefault()
      setOver(true)
    })
    on('dragleave', (event) => {
      // Between elements there is one to go to; out of the window there is none.
      if (event.relatedTarget === null) setOver(false)
    })
    on('drop', (event) => {
      event.preventDefault()
      setOver(false)
      latest.current([...(event.dataTransfer?.files ?? [])])
    })
    return () => listening.abort()
  }, [])

  return isOver ? <div class="drop-target">{text.dropNow}</div> : null
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
