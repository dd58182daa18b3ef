import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'

export interface Media<E extends HTMLMediaElement> {
  element: RefObject<E | null>
  error: unknown
  /** Begins at so many seconds, or goes on. */
  play: (from: number) => Promise<void>
  /** What the element has to tell. */
  listeners: { onLoadedData: () => void; onError: () => void }
}

/**
 * A media element whose address is asked for when it is to be played, and again when that holds no more: then it goes on where it
 * was. `cannotPlay` says that the browser has no way to.
 */
export function useMedia<E extends HTMLMediaElement>(
  askAddress: () => Promise<string>,
  cannotPlay: string,
): Media<E> {
  const element = useRef<E>(null)
  /** Something from its present address could be played. */
  const hasPlayed = useRef(false)
  const [error, setError] = useState<unknown>()

  async function play(from: number): Promise<void> {
    const player = element.current
    if (!player) return
    setError(undefined)
    try {
      if (!player.src) {
        const address = await askAddress()
        hasPlayed.current = false
        player.src = address
        player.currentTime = from
      }
      await player.play()
    } catch (failure) {
      // What the element has to say of it comes by its own event; whoever pauses early breaks off its beginning.
      if (!(failure instanceof DOMException)) setError(failure)
    }
  }

  function reload(): void {
    const player = element.current
    if (!player?.src) return
    const { paused: wasPaused, currentTime } = player
    player.removeAttribute('src')
    // What could never be played will not be by being asked for again, which would count as a download each time.
    if (!hasPlayed.current) setError(new Error(cannotPlay))
    else if (!wasPaused) void play(currentTime)
  }

  return {
    element,
    error,
    play,
    listeners: { onLoadedData: () => (hasPlayed.current = true), onError: reload },
  }
}
