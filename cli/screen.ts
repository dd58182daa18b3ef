import type { Progress } from './progress.ts'
import { renderRow } from './progress.ts'

/** What people see of a run: bars on a terminal, a line for each end everywhere. */
export interface Screen {
  /** Without progress, the file's bar goes. */
  show(file: string, progress: Progress | undefined): void
  print(text: string): void
  printError(text: string): void
  close(): void
}

const frameMs = 100

/** Bars are drawn on standard error where that is a terminal, so that standard output holds nothing but results. */
export async function openScreen(): Promise<Screen> {
  const plain: Screen = {
    show: () => undefined,
    print: (text) => void process.stdout.write(`${text}\n`),
    printError: (text) => void process.stderr.write(`${text}\n`),
    close: () => undefined,
  }
  if (!process.stderr.isTTY) return plain
  const { createLogUpdate } = await import('log-update')
  const draw = createLogUpdate(process.stderr)
  const bars = new Map<string, Progress>()

  function frame(): void {
    if (bars.size === 0) return
    const { columns, rows } = process.stderr
    const lines = [...bars].map(([file, progress]) => renderRow(file, progress, columns))
    const room = Math.max(1, rows - 2)
    const hidden = lines.length - room
    draw([...lines.slice(0, room), ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join('\n'))
  }
  const timer = setInterval(frame, frameMs)

  const above = (write: () => void): void => {
    draw.clear()
    write()
    frame()
  }
  return {
    show: (file, progress) => void (progress ? bars.set(file, progress) : bars.delete(file)),
    print: (text) => above(() => plain.print(text)),
    printError: (text) => above(() => plain.printError(text)),
    close() {
      clearInterval(timer)
      draw.clear()
      draw.done()
    },
  }
}
