import { encodeCrc32c, extendCrc32c } from '../../lib/crc32c.ts'

/** The CRC32C of a file, computed from its start as far as it is asked for. Every byte is read once. */
export class Checksum {
  readonly #file: Blob
  #sum = 0
  #end = 0

  constructor(file: Blob) {
    this.#file = file
  }

  /** Takes in the bytes up to `end`. Rejects where the file cannot be read any more. */
  async extendTo(end: number): Promise<void> {
    while (this.#end < end) {
      const bytes = new Uint8Array(
        await this.#file.slice(this.#end, Math.min(end, this.#end + pieceBytes)).arrayBuffer(),
      )
      this.#sum = extendCrc32c(this.#sum, bytes)
      this.#end += bytes.length
    }
  }

  /** As Cloud Storage writes it: big-endian, base64. */
  toString(): string {
    return encodeCrc32c(this.#sum)
  }
}

/** Small enough that the page stays responsive in between. */
const pieceBytes = 1024 * 1024
