import { availableParallelism, cpus } from 'node:os'
import { findFfmpeg } from '../functions/transcode/media/index.ts'

/** What something was measured on. */
export interface Machine {
  cores: number
  cpu: string
  node: string
  ffmpeg: string
  /** The day, as 2026-01-31. */
  date: string
}

export async function describeMachine(): Promise<Machine> {
  const [cpu] = cpus()
  return {
    cores: availableParallelism(),
    cpu: cpu?.model ?? 'an unknown kind',
    node: process.versions.node,
    ffmpeg: (await findFfmpeg()).version,
    date: new Date().toISOString().slice(0, 10),
  }
}

/** As in: measured on 2 cores of Some CPU, Node 24.1.0, ffmpeg 7.0, 2026-01-31. */
export const machineText = ({ cores, cpu, node, ffmpeg, date }: Machine): string =>
  `${cores} ${cores === 1 ? 'core' : 'cores'} of ${cpu}, Node ${node}, ffmpeg ${ffmpeg}, ${date}`
