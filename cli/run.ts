import { availableParallelism } from 'node:os'
import { ApiError, createApi, type Api } from './api.ts'
import type { Request } from './arguments.ts'
import { convertFile } from './convert-file.ts'
import { limit } from './limit.ts'
import { startOwnServer } from './own-server.ts'
import { checkTask, type Task } from './plan.ts'
import { describeOutcome, type Outcome } from './report.ts'
import type { Progress } from './progress.ts'
import type { Screen } from './screen.ts'

export interface Tally {
  converted: number
  failed: number
}

interface Surroundings {
  screen: Screen
  signal: AbortSignal
}

interface ReadyTask {
  task: Task
  /** Bytes. */
  size: number
}

/** Where the work is done. */
interface Workplace {
  api: Api
  /** Files under way at once. */
  mostUnderWay: number
  /** Jobs are removed as soon as their MP3 is here. */
  isTemporary: boolean
  /** The last that the server has logged, if it is ours. */
  log: string[]
}

const uploadsAtOnce = 2
/** On this machine each takes up room; elsewhere most of them only wait. */
const mostUnderWay = { own: availableParallelism() + 2, running: 16 }
const keptLogEntries = 20
const farewellSeconds = 2

/** Converts every file that can be, and tells what becomes of each. Rejects where nothing can be done, or when aborted. */
export async function run(request: Request, tasks: Task[], { screen, signal }: Surroundings): Promise<Tally> {
  const tally = { converted: 0, failed: 0 }
  const tell = (outcome: Outcome): void => {
    tally[outcome.ok ? 'converted' : 'failed'] += 1
    if (outcome.ok) screen.print(describeOutcome(outcome))
    else screen.printError(describeOutcome(outcome))
  }
  const ready: ReadyTask[] = []
  for (const task of tasks) {
    try {
      ready.push({ task, size: await checkTask(task, request) })
    } catch (error) {
      tell({ task, ok: false, message: messageOf(error) })
    }
  }
  if (ready.length > 0) {
    await atWorkplace(request, signal, (workplace) =>
      convertAll(workplace, request, ready, { screen, signal, tell }),
    )
  }
  return tally
}

async function atWorkplace(
  { server }: Request,
  signal: AbortSignal,
  work: (workplace: Workplace) => Promise<void>,
): Promise<void> {
  const log: string[] = []
  if (server) {
    const api = createApi(server.url, server.credentials, signal)
    // What is wrong with the address or the token is said once, not for each file.
    await api.me().catch((error: unknown) => {
      const isToken = error instanceof ApiError && error.code.startsWith('TOKEN_')
      throw isToken ? new Error(`${server.url} refuses the token: ${error.message} Get a new one.`) : error
    })
    return work({ api, mostUnderWay: mostUnderWay.running, isTemporary: false, log })
  }
  const own = await startOwnServer((entry) => void log.splice(0, log.push(entry) - keptLogEntries))
  try {
    signal.throwIfAborted()
    const api = createApi(own.url, own.credentials, signal)
    await work({ api, mostUnderWay: mostUnderWay.own, isTemporary: true, log })
  } finally {
    await own.stop()
  }
}

async function convertAll(
  workplace: Workplace,
  { options, overwrite }: Request,
  ready: ReadyTask[],
  { screen, signal, tell }: Surroundings & { tell: (outcome: Outcome) => void },
): Promise<void> {
  const { api, isTemporary, log } = workplace
  const inTurn = limit(workplace.mostUnderWay)
  const uploadInTurn = limit(uploadsAtOnce)
  // Once for all files: it may take long, and without a terminal nothing else would be seen.
  let isWhyTold = false

  async function convert({ task, size }: ReadyTask): Promise<void> {
    const onProgress = (progress: Progress): void => {
      screen.show(task.file, progress)
      if (progress.step === 'held' && !isWhyTold) {
        isWhyTold = true
        screen.printError(`Waiting: ${progress.why}`)
      }
    }
    let outcome: Outcome
    try {
      const job = await convertFile(api, { task, size, options, overwrite, signal, onProgress, uploadInTurn })
      const { error } = job
      outcome = error
        ? { task, job, ok: false, message: `${error.message} (${error.code})` }
        : { task, job, ok: true }
    } catch (error) {
      if (signal.aborted) return
      outcome = { task, ok: false, message: messageOf(error) }
    }
    screen.show(task.file, undefined)
    tell(outcome)
    // Its video takes up room that the next may need.
    if (isTemporary && outcome.job)
      await api.deleteJob(outcome.job.id, farewellSeconds).catch(() => undefined)
    // Whose fault it was, only the log can tell.
    if (!outcome.ok && outcome.job?.error?.code === 'GAVE_UP')
      log.splice(0).forEach((entry) => screen.printError(entry.trim()))
  }

  await Promise.all(ready.map((task) => inTurn(async () => (signal.aborted ? undefined : convert(task)))))
  signal.throwIfAborted()
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
