import type { RefObject } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { barsOf, gridFor, heightsOf, resample } from './waveform.ts'

interface Props {
  waveform: string | undefined
  /** 0 to 1. */
  played: number
}

/** The waveform in as many bars as there is room for. */
export function WaveformPicture({ waveform, played }: Props) {
  const clip = useId()
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const { devicePixelRatio } = window
  const grid = gridFor(width, devicePixelRatio)
  const pixels = Math.floor(width * devicePixelRatio)
  const bars = barsOf(resample(waveform === undefined ? [] : heightsOf(waveform), grid.count), grid)
  return (
    <div ref={box} class="waveform" aria-hidden="true">
      {pixels > 0 && (
        <svg
          width={pixels / devicePixelRatio}
          viewBox={`0 0 ${pixels} 2`}
          preserveAspectRatio="none"
          shape-rendering="crispEdges"
        >
          <clipPath id={clip}>
            <rect width={played * pixels} height="2" />
          </clipPath>
          <path d={bars} />
          <path class="played" d={bars} clip-path={`url(#${clip})`} />
        </svg>
      )}
    </div>
  )
}

/** An element's width, kept up to date; 0 at first. */
function useWidth(of: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (!of.current) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(of.current)
    return () => observer.disconnect()
  }, [])
  return width
}
