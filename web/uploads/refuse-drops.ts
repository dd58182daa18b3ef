import { useEffect } from 'preact/hooks'
import { hasFiles } from './picked.ts'

/** Where nobody takes files: without it, a browser leaves the page to show one that is dropped. */
export function RefuseDrops() {
  useEffect(() => {
    const listening = new AbortController()
    const refuse = (event: DragEvent): void => {
      if (!event.dataTransfer || !hasFiles(event.dataTransfer)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'none'
    }
    for (const type of ['dragover', 'drop'] as const)
      addEventListener(type, refuse, { signal: listening.signal })
    return () => listening.abort()
  }, [])
  return null
}
