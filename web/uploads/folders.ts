import { whyUnreadable } from './check.ts'
import type { Picked, Unreadable } from './picked.ts'

/** The folder that was dropped; undefined if it is a file. */
export function folderOf(item: DataTransferItem): FileSystemDirectoryEntry | undefined {
  const entry = 'webkitGetAsEntry' in item ? item.webkitGetAsEntry() : null
  return entry && isFolder(entry) ? entry : undefined
}

/** All files in it and in the folders below, but for what systems put there for themselves. */
export async function filesIn(folder: FileSystemDirectoryEntry): Promise<(Picked | Unreadable)[]> {
  try {
    const entries = (await entriesOf(folder)).filter(({ name }) => !isHidden(name))
    const files = entries.map((entry) => (isFolder(entry) ? filesIn(entry) : fileOf(entry)))
    return (await Promise.all(files)).flat()
  } catch (error) {
    return [{ name: folder.name, objection: whyUnreadable(error) }]
  }
}

/** A browser gives some at a time, and none once there are no more. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return all
    all.push(...some)
  }
}

async function fileOf(entry: FileSystemEntry): Promise<(Picked | Unreadable)[]> {
  try {
    // What is no folder is a file.
    const given = entry as FileSystemFileEntry
    return [{ file: await new Promise<File>((resolve, reject) => given.file(resolve, reject)) }]
  } catch (error) {
    return [{ name: entry.name, objection: whyUnreadable(error) }]
  }
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

const isHidden = (name: string): boolean =>
  name.startsWith('.') || ['Thumbs.db', 'desktop.ini'].includes(name)
