import { useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { formatPlayingTime } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { jobText } from './text.ts'
import { useMedia } from './use-media.ts'
import { WaveformPicture } from './waveform-picture.tsx'

interface Props {
  job: JobView & Required<Pick<JobView, 'target'>>
  api: Api
}

const secondsPerKey = 5

/** Plays the MP3, and seeks in it by its waveform. The MP3 is asked for when it is played first, which counts as a download. */
export function Player({ job: { id, target, filename }, api }: Props) {
  const text = useText(jobText)
  const media = useMedia<HTMLAudioElement>(async () => (await api.downloadUrl(id)).url, 'CANNOT_PLAY_MP3')
  const [isPlaying, setPlaying] = useState(false)
  const [position, setPosition] = useState(0)
  const duration = target?.durationSeconds ?? 0

  function seek(to: number): void {
    const seconds = Math.min(Math.max(to, 0), duration)
    setPosition(seconds)
    media.seek(seconds)
  }

  return (
    <section class="player panel" aria-label={text.playerOf(filename)}>
      <button
        class="primary round"
        aria-label={isPlaying ? text.pause : text.play}
        onClick={() => (isPlaying ? media.element.current?.pause() : void media.play(position))}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d={isPlaying ? 'M7 5h4v14H7zM13 5h4v14h-4z' : 'M8 5v14l11-7z'} />
        </svg>
      </button>
      <Seeker waveform={target?.waveform} position={position} duration={duration} onSeek={seek} />
      <span class="time">
        {formatPlayingTime(position)} / {formatPlayingTime(duration)}
      </span>
      <audio
        ref={media.element}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onTimeUpdate={({ currentTarget: { readyState, currentTime } }) => {
          if (readyState > 0) setPosition(currentTime)
        }}
        {...media.listeners}
      />
      <ErrorNotice error={media.error} />
    </section>
  )
}

interface SeekerProps {
  waveform: string | undefined
  position: number
  duration: number
  onSeek: (to: number) => void
}

function Seeker({ waveform, position, duration, onSeek }: SeekerProps) {
  const text = useText(jobText)

  /** The browser's own steps are hundredths: too long in a long file, too short in a short one. */
  function seekByKey(event: KeyboardEvent): void {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
    if (direction === undefined) return
    event.preventDefault()
    onSeek(position + direction * secondsPerKey)
  }

  return (
    <div class="wave">
      <WaveformPicture waveform={waveform} played={duration > 0 ? position / duration : 0} />
      <input
        type="range"
        aria-label={text.position}
        aria-valuetext={`${formatPlayingTime(position)} / ${formatPlayingTime(duration)}`}
        min={0}
        max={duration}
        step="any"
        value={position}
        onKeyDown={seekByKey}
        onInput={({ currentTarget: { valueAsNumber } }) => onSeek(valueAsNumber)}
      />
    </div>
  )
}
