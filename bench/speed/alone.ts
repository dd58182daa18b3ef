import { peakMemory } from './memory.ts'
import { convert, secondsOf, withServer } from './server.ts'

export interface Measured {
  /** From the finalize event to the MP3. */
  seconds: number
  /** The most memory of the server and all its children together, while the file comes in and is converted. */
  mib: number
  /** How long the MP3 is. */
  durationSeconds: number
}

/** Converts a file on a server that does nothing else, before or beside it. */
export const convertAlone = (path: string): Promise<Measured> =>
  withServer({}, async (server) => {
    const { pid } = server.process
    if (pid === undefined) throw new Error('The server has no process.')
    const { mib, result } = await peakMemory(pid, () => convert(server, path, { bitrate: 192 }))
    return { seconds: secondsOf(result), mib, durationSeconds: result.target?.durationSeconds ?? 0 }
  })
