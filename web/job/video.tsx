import { useState } from 'preact/hooks'
import type { Api } from '../api/api.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { useText } from '../i18n/language.ts'
import { jobText } from './text.ts'
import { useMedia } from './use-media.ts'

/** The MP4 that was made of an AVI. */
export function Video({ id, filename, api }: { id: string; filename: string; api: Api }) {
  const text = useText(jobText)
  const [isOpen, setOpen] = useState(false)
  // No browser decodes what most AVIs hold (MPEG-4 Part 2): its sound plays, and all is black.
  const [isBlind, setBlind] = useState(false)
  const { element, error, play, listeners } = useMedia<HTMLVideoElement>(async () => {
    const address = await api.streamUrl(id)
    setOpen(true)
    return address
  }, text.cannotPlay)

  return (
    <section class="video panel" aria-labelledby="video">
      <h3 id="video">{text.video}</h3>
      {!isOpen && <button onClick={() => void play(0)}>{text.playVideo}</button>}
      <video
        ref={element}
        hidden={!isOpen}
        controls
        playsInline
        preload="none"
        aria-label={filename}
        onLoadedMetadata={({ currentTarget }) => setBlind(currentTarget.videoWidth === 0)}
        {...listeners}
      />
      {isBlind && <p class="quiet">{text.cannotPlay}</p>}
      <ErrorNotice error={error} />
    </section>
  )
}
