import { execFileSync } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A small disk of its own, which can be filled. */
export interface Disk {
  /** Leaves room for nothing more, until it is emptied. */
  fill(): Promise<void>
  empty(): Promise<void>
  unmount(): void
}

/** Mounts a tmpfs of so many MiB at `folder`. Throws where this is not allowed. */
export function mountDisk(folder: string, mib: number): Disk {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tapedeck-faults', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ballast = join(folder, 'ballast')
  return {
    async fill() {
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
    empty: () => rm(ballast, { force: true }),
    unmount: () => void execFileSync('umount', ['--lazy', folder]),
  }
}
