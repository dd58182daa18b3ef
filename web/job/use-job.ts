import { useEffect, useReducer, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ApiError } from '../api/errors.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { isOver } from '../jobs/job.ts'
import { useStore } from '../store.ts'

interface KnownJob {
  job?: JobView | undefined
  isDeleted: boolean
  /** Why it cannot be shown. */
  error?: unknown
  askAgain: () => void
}

const pollMilliseconds = 10_000

/** One job, kept up to date: by the events and the list, and for what they leave out by being asked for. */
export function useJob(id: string, { api, jobs }: Tapedeck): KnownJob {
  const { list, isOffline } = useStore(jobs.state)
  const [asked, setAsked] = useState<JobView>()
  const [error, setError] = useState<unknown>()
  const [round, askAgain] = useReducer((count: number) => count + 1, 0)
  const known = list.jobs.get(id) ?? asked
  const isDeleted = list.deleted.has(id)
  const mp3 = known?.target?.generation

  useEffect(() => {
    // Its waveform comes with the answer alone: it is asked for at first, and for each MP3 that is made.
    if (isDeleted || (round === 0 && asked && asked.target?.generation === mp3)) return
    let isCurrent = true
    async function ask(): Promise<void> {
      setError(undefined)
      try {
        const told = await api.job(id)
        if (!isCurrent) return
        setAsked(told)
        jobs.apply(told)
      } catch (failure) {
        if (!isCurrent) return
        if (failure instanceof ApiError && failure.status === 404 && known) jobs.forget(id)
        else setError(failure)
      }
    }
    void ask()
    return () => {
      isCurrent = false
    }
  }, [id, mp3, round])

  const isWaiting = known !== undefined && (isOffline || !jobs.isTold(known)) && !isOver(known)
  useEffect(() => {
    // While the events are lost the list is asked for, but the job may be older than what that tells; or somebody else's.
    if (!isWaiting) return
    const timer = setInterval(() => askAgain(undefined), pollMilliseconds)
    return () => clearInterval(timer)
  }, [isWaiting])

  if (isDeleted) return { isDeleted, askAgain: () => askAgain(undefined) }
  const waveform = asked?.target?.generation === mp3 ? asked?.target?.waveform : undefined
  const job =
    known?.target && waveform !== undefined ? { ...known, target: { ...known.target, waveform } } : known
  return { job, isDeleted, error: known ? undefined : error, askAgain: () => askAgain(undefined) }
}
