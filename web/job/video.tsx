import { useRef, useState } from 'preact/hooks'
import { useErrorText } from '../api/error-text.ts'
import type { Api } from '../api/api.ts'
import { useText } from '../i18n/language.ts'
import { jobText } from './text.ts'

/** The MP4 that was made of an AVI. It is asked for when it is to be played, and again when its address holds no more. */
export function Video({ id, filename, api }: { id: string; filename: string; api: Api }) {
  const text = useText(jobText)
  const describe = useErrorText()
  const video = useRef<HTMLVideoElement>(null)
  const [isOpen, setOpen] = useState(false)
  const [error, setError] = useState<unknown>()

  async function load(from = 0): Promise<void> {
    setError(undefined)
    try {
      const url = await api.streamUrl(id)
      setOpen(true)
      const player = video.current
      if (!player) return
      player.src = url
      player.currentTime = from
      await player.play()
    } catch (failure) {
      // What the element has to say of it comes by its own event.
      if (!(failure instanceof DOMException)) setError(failure)
    }
  }

  return (
    <section class="video panel" aria-labelledby="video">
      <h3 id="video">{text.video}</h3>
      {!isOpen && <button onClick={() => void load()}>{text.playVideo}</button>}
      <video
        ref={video}
        hidden={!isOpen}
        controls
        playsInline
        preload="none"
        aria-label={filename}
        onError={({ currentTarget }) => {
          // A picture format that this browser cannot show stays so.
          if (currentTarget.error?.code === MediaError.MEDIA_ERR_NETWORK) void load(currentTarget.currentTime)
          else setError(new Error(text.cannotPlay))
        }}
      />
      {error !== undefined && (
        <p class="notice error" role="alert">
          {describe(error)}
        </p>
      )}
    </section>
  )
}
