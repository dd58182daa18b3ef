import { readdirSync, readFileSync } from 'node:fs'

/** The ids of all processes that descend from one. At once, so that it can be asked for while this process exits. */
export function descendantsOf(pid: number): number[] {
  const children = childrenOf(pid)
  return [...children, ...children.flatMap(descendantsOf)]
}

/** Of all its threads: any of them may have started a process. */
function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`
  return readOr([], () => readdirSync(tasks))
    .flatMap((thread) => readOr('', () => readFileSync(`${tasks}/${thread}/children`, 'utf8')).split(' '))
    .filter((text) => text !== '')
    .map(Number)
}

/** What there is to read of a process, or `none` if it has ended. */
function readOr<T>(none: T, read: () => T): T {
  try {
    return read()
  } catch {
    return none
  }
}

/** Ends whatever this process has started, and what that has started. */
export function killDescendants(): void {
  for (const pid of descendantsOf(process.pid)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
