import { whyUnreadable, type UnreadableObjection } from './check.ts'
import { filesIn, folderOf } from './folders.ts'

/** A file that was chosen, dropped or pasted. */
export interface Picked {
  file: File
  /** By which the browser, if it can, gives the file again after the page was left. */
  handle?: FileSystemFileHandle | undefined
}

/** A file that was chosen, but that the browser cannot give. */
export interface Unreadable {
  name: string
  objection: UnreadableObjection
}

/** What a plain chooser offers, also where the system does not know that it is a video. */
export const acceptedFiles = '.mp4,.m4v,.mov,.qt,.3gp,.3g2,.avi,.mkv,.mk3d,.webm,video/*'

/** The chooser of browsers that give handles. */
type ShowPicker = (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>

const picker = (): ShowPicker | undefined =>
  'showOpenFilePicker' in window ? (window.showOpenFilePicker as ShowPicker) : undefined

/** Some browsers have a chooser and do not let it open, as in a frame. */
let isRefused = false

export const hasPicker = (): boolean => !isRefused && picker() !== undefined

/** Lets one choose files; none if one thinks better of it. Undefined where that chooser does not open: there is the plain input. */
export async function pickFiles(): Promise<(Picked | Unreadable)[] | undefined> {
  try {
    const handles = (await picker()?.({ multiple: true })) ?? []
    return await Promise.all(handles.map(fileOf))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return []
    isRefused = true
    return undefined
  }
}

const fileOf = (handle: FileSystemFileHandle): Promise<Picked | Unreadable> =>
  handle.getFile().then(
    (file) => ({ handle, file }),
    (error: unknown) => ({ name: handle.name, objection: whyUnreadable(error) }),
  )

/** Whether what is dragged or pasted is files. */
export const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') ?? false

/** What was dropped or pasted, of folders all that is in them. To be called before the event is over: then the browser forgets it. */
export async function takeFiles(data: DataTransfer | null): Promise<(Picked | Unreadable)[]> {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file')
  const taken = items.map((item) => {
    const folder = folderOf(item)
    return folder ? filesIn(folder) : fileOfItem(item)
  })
  return (await Promise.all(taken)).flat()
}

async function fileOfItem(item: DataTransferItem): Promise<Picked[]> {
  const file = item.getAsFile()
  const handle = await handleOf(item).catch(() => undefined)
  if (!file) return []
  return [{ file, handle: handle?.kind === 'file' ? (handle as FileSystemFileHandle) : undefined }]
}

type GetHandle = () => Promise<FileSystemHandle | null>

const handleOf = async (item: DataTransferItem): Promise<FileSystemHandle | null> =>
  'getAsFileSystemHandle' in item ? (item.getAsFileSystemHandle as GetHandle).call(item) : null

/** Chromium's part of the File System Access API that TypeScript does not know. */
interface WithPermission {
  queryPermission(): Promise<PermissionState>
  requestPermission(): Promise<PermissionState>
}

/** The file again, if the browser gives it: without asking anybody, or when whoever sits there allows it. */
export async function reopen(handle: FileSystemFileHandle, mayAsk: boolean): Promise<Picked | undefined> {
  const { queryPermission, requestPermission } = handle as Partial<WithPermission>
  try {
    const permission = await (mayAsk ? requestPermission : queryPermission)?.call(handle)
    return permission === 'granted' ? { handle, file: await handle.getFile() } : undefined
  } catch {
    return undefined
  }
}
