import { execFileSync } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A small disk of its own, which can be filled. */
export interface Disk {
  /** Whether it is full, or was a moment ago. */
  isFull: boolean
  /** Leaves room for nothing more, until it is emptied. */
  fill(): Promise<void>
  empty(): Promise<void>
  unmount(): void
}

/** Mounts a tmpfs of so many MiB at `folder`; undefined where this is not allowed. */
export function mountDisk(folder: string, mib: number): Disk | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tapedeck-faults', folder], {
      stdio: 'ignore',
    })
  } catch {
    return undefined
  }
  const ballast = join(folder, 'ballast')
  const disk: Disk = {
    isFull: false,
    async fill() {
      disk.isFull = true
      const file = await open(ballast, 'w')
      try {
        for (let bytes = 2 ** 20; bytes >= 4096;) {
          // A write may take less than all, where that is all there is room for.
          const written = await file.write(Buffer.alloc(bytes)).then(
            ({ bytesWritten }) => bytesWritten,
            () => 0,
          )
          if (written < bytes) bytes /= 2
        }
      } finally {
        await file.close()
      }
    },
    async empty() {
      await rm(ballast, { force: true })
      // What was refused until now is still being answered.
      await delay(200)
      disk.isFull = false
    },
    unmount: () => void execFileSync('umount', ['--lazy', folder]),
  }
  return disk
}
