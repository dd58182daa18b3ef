/** Undefined until it is asked for, null where the browser forbids it. */
let channel: BroadcastChannel | null | undefined

/** What all tabs of this browser hear; none where it lets the page keep nothing, and tabs have nothing to tell. */
function tabs(): BroadcastChannel | null {
  if (channel === undefined)
    try {
      channel = new BroadcastChannel('tapedeck.uploads')
    } catch {
      channel = null
    }
  return channel
}

const togetherMilliseconds = 200
let telling: ReturnType<typeof setTimeout> | undefined

/** Tells other tabs that there is something to go on with once this one is gone: of many at once, once. */
export function tellTabs(): void {
  // Without locks no tab could wait until this one is gone: it would go on with what this one is sending.
  if (!(navigator as { locks?: LockManager }).locks) return
  telling ??= setTimeout(() => {
    telling = undefined
    // What the rule is about is windows: a channel is of one origin anyway.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    tabs()?.postMessage('')
  }, togetherMilliseconds)
}

/** Calls `listener` when another tab has added an upload. */
export const onAddedElsewhere = (listener: () => void): void => tabs()?.addEventListener('message', listener)

/**
 * Makes this tab the one that has this upload, as soon as no other has it. Gives what ends that; undefined if that was not waited
 * for. (Where there are no locks, nobody can tell.)
 */
export async function claim(key: string, signal?: AbortSignal): Promise<(() => void) | undefined> {
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return () => {}
  return new Promise((resolve) => {
    const hold = (): Promise<void> => new Promise((release) => resolve(() => release()))
    // A browser may give none to this page.
    const goWithout = (): void => resolve(signal?.aborted ? undefined : () => {})
    try {
      locks.request(`tapedeck.upload.${key}`, signal ? { signal } : {}, hold).catch(goWithout)
    } catch {
      goWithout()
    }
  })
}
