import { useEffect, useState } from 'preact/hooks'
import type { Api } from '../api/api.ts'
import { useErrorText } from '../api/error-text.ts'
import { PageError } from '../api/errors.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { useText } from '../i18n/language.ts'
import { jobText } from './text.ts'
import { useMedia } from './use-media.ts'

/** The MP4 that was made of an AVI. */
export function Video({ id, filename, api }: { id: string; filename: string; api: Api }) {
  const text = useText(jobText)
  const describeError = useErrorText()
  const [isOpen, setOpen] = useState(false)
  // No browser decodes what most AVIs hold (MPEG-4 Part 2): its sound plays, and all is black.
  const [isBlind, setBlind] = useState(false)
  const { element, error, play, listeners } = useMedia<HTMLVideoElement>(async () => {
    const address = await api.streamUrl(id)
    setOpen(true)
    return address
  }, 'CANNOT_PLAY_MP4')
  // The button that was pressed is gone.
  useEffect(() => {
    if (isOpen) element.current?.focus()
  }, [isOpen])

  return (
    <section class={isOpen ? 'video panel' : 'video closed panel'} aria-labelledby="video">
      <h3 id="video">{text.video}</h3>
      {!isOpen && <button onClick={() => void play(0)}>{text.playVideo}</button>}
      <video
        ref={element}
        hidden={!isOpen}
        controls
        playsInline
        preload="none"
        tabIndex={0}
        aria-label={filename}
        {...listeners}
        onLoadedMetadata={({ currentTarget }) => {
          listeners.onLoadedMetadata()
          setBlind(currentTarget.videoWidth === 0)
        }}
      />
      {isBlind && <p class="quiet">{describeError(new PageError('CANNOT_PLAY_MP4'))}</p>}
      <ErrorNotice error={error} />
    </section>
  )
}
