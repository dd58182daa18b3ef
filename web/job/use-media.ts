import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { PageError, type MishapCode } from '../api/errors.ts'

export interface Media<E extends HTMLMediaElement> {
  element: RefObject<E | null>
  error: unknown
  /** Begins at so many seconds, or goes on. To be called by what was clicked itself: browsers let nothing else make a sound. */
  play: (from: number) => Promise<void>
  /** Goes to so many seconds, if it has begun. */
  seek: (to: number) => void
  /** What the element has to tell. */
  listeners: { onLoadedMetadata: () => void; onLoadedData: () => void; onError: () => void }
}

/**
 * A media element whose address is asked for when it is to be played, and again when that holds no more: then it goes on where it
 * was. `cannotPlay` says that the browser has no way to.
 */
export function useMedia<E extends HTMLMediaElement>(
  askAddress: () => Promise<string>,
  cannotPlay: MishapCode,
): Media<E> {
  const element = useRef<E>(null)
  /** Something from its present address could be played. */
  const hasPlayed = useRef(false)
  /** Where it is to begin, for as long as nothing is known of what it plays. */
  const start = useRef<number | undefined>(undefined)
  const asking = useRef<Promise<string> | undefined>(undefined)
  const [error, setError] = useState<unknown>()

  function seek(to: number): void {
    const player = element.current
    if (!player?.src) return
    // Safari takes no notice of it that early.
    if (player.readyState === HTMLMediaElement.HAVE_NOTHING) start.current = to
    player.currentTime = to
  }

  /** Gives the element an address: one, however often it is asked for meanwhile. Each counts as a download. */
  async function open(player: E, from: number): Promise<void> {
    // By the time that the address is there, Safari does not know any more that somebody has clicked: this it remembers.
    player.load()
    asking.current ??= askAddress().finally(() => (asking.current = undefined))
    const address = await asking.current
    if (player.src) return
    hasPlayed.current = false
    player.src = address
    seek(from)
  }

  async function play(from: number): Promise<void> {
    const player = element.current
    if (!player) return
    setError(undefined)
    try {
      if (!player.src) await open(player, from)
      await player.play()
    } catch (failure) {
      if (!isTold(failure)) setError(isForbidden(failure) ? new PageError('NOT_BEGUN') : failure)
    }
  }

  function reload(): void {
    const player = element.current
    if (!player?.src) return
    const { paused: wasPaused, currentTime } = player
    player.removeAttribute('src')
    // What could never be played will not be by being asked for again, which would count as a download each time.
    if (!hasPlayed.current) setError(new PageError(cannotPlay))
    else if (!wasPaused) void play(currentTime)
  }

  function beginAt(): void {
    const player = element.current
    if (player && start.current !== undefined) player.currentTime = start.current
    start.current = undefined
  }

  return {
    element,
    error,
    play,
    seek,
    listeners: {
      onLoadedMetadata: beginAt,
      onLoadedData: () => (hasPlayed.current = true),
      onError: reload,
    },
  }
}

const isForbidden = (failure: unknown): boolean =>
  failure instanceof DOMException && failure.name === 'NotAllowedError'

/** What the element has to say comes by its own event; whoever pauses early breaks off its beginning. */
const isTold = (failure: unknown): boolean =>
  failure instanceof DOMException && ['AbortError', 'NotSupportedError'].includes(failure.name)
