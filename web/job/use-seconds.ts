import { useEffect, useState } from 'preact/hooks'
import { serverNow } from '../api/clock.ts'

/** The server's time in milliseconds; while something runs, each second anew. */
export function useSeconds(isRunning: boolean): number {
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setNow(serverNow()), 1000)
    return () => clearInterval(timer)
  }, [isRunning])
  return now
}
