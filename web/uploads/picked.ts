import { whyUnreadable, type UnreadableObjection } from './check.ts'

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

/** The chooser of browsers that give handles. */
type ShowPicker = (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>

const picker = (): ShowPicker | undefined =>
  'showOpenFilePicker' in window ? (window.showOpenFilePicker as ShowPicker) : undefined

export const hasPicker = (): boolean => picker() !== undefined

/** Lets one choose files; none if one thinks better of it. */
export async function pickFiles(): Promise<(Picked | Unreadable)[]> {
  try {
    const handles = (await picker()?.({ multiple: true })) ?? []
    return await Promise.all(handles.map(fileOf))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return []
    throw error
  }
}

const fileOf = (handle: FileSystemFileHandle): Promise<Picked | Unreadable> =>
  handle.getFile().then(
    (file) => ({ handle, file }),
    (error: unknown) => ({ name: handle.name, objection: whyUnreadable(error) }),
  )

/** Whether what is dragged or pasted is files. */
export const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') ?? false

/** What was dropped or pasted. To be called before the event is over: then the browser forgets it. */
export async function takeFiles(data: DataTransfer | null): Promise<Picked[]> {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file')
  const taken = items.map((item) => ({ file: item.getAsFile(), handle: handleOf(item) }))
  const files = await Promise.all(
    taken.map(async ({ file, handle }) => ({ file, handle: await handle.catch(() => undefined) })),
  )
  return files.flatMap(({ file, handle }) =>
    file ? [{ file, handle: handle?.kind === 'file' ? (handle as FileSystemFileHandle) : undefined }] : [],
  )
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
