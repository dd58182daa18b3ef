import { BoxStream, type WholeBox } from './box-stream.ts'
import { child, childrenOf } from './boxes.ts'
import { readFragment } from './fragment.ts'
import { movieHead, trackId } from './movie-head.ts'
import { SampleTable } from './sample-table.ts'

/**
 * What makes a fragmented MP4 an ordinary one, when it is put in front; or why there is no such thing: then the MP4 stays as it
 * is, which costs players a look at every fragment before they know how long it is.
 */
export type Head = { head: Buffer[] } | { headless: string }

/** Reads a fragmented MP4 as it passes, and remembers where its samples are: some bytes a sample. Never throws. */
export class Indexer {
  readonly #boxes = new BoxStream(['ftyp', 'moov', 'moof'])
  #tables = new Map<number, SampleTable>()
  #ftyp: Buffer | undefined
  #moov: Buffer | undefined
  #problem: unknown

  push(chunk: Buffer): void {
    if (this.#problem !== undefined) return
    try {
      for (const box of this.#boxes.push(chunk)) this.#take(box)
    } catch (error) {
      this.#problem = error
      this.#tables.clear()
    }
  }

  /** Once the whole MP4 has passed. */
  head(): Head {
    try {
      return { head: this.#makeHead() }
    } catch (error) {
      return { headless: String(error) }
    }
  }

  #makeHead(): Buffer[] {
    if (this.#problem !== undefined) throw this.#problem
    const size = this.#boxes.end()
    if (!this.#ftyp || !this.#moov) throw new Error('There is no ftyp or no moov box.')
    return movieHead({ ftyp: this.#ftyp, moov: this.#moov, size, tables: this.#tables })
  }

  #take({ type, start, bytes }: WholeBox): void {
    if (type === 'ftyp') this.#ftyp = bytes
    else if (type === 'moov') this.#takeMovie(bytes)
    else for (const run of readFragment(bytes, start)) this.#tableOf(run.track).add(run)
  }

  #takeMovie(moov: Buffer): void {
    if (this.#moov) throw new Error('There is a second moov box.')
    this.#moov = moov
    for (const trak of childrenOf(child(moov, 'moov'), 'trak'))
      this.#tables.set(trackId(trak), new SampleTable())
  }

  #tableOf(track: number): SampleTable {
    const table = this.#tables.get(track)
    if (!table) throw new Error(`A fragment is of track ${track}, which the movie does not have.`)
    return table
  }
}
