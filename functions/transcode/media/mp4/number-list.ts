/** A growing list of 32-bit numbers, kept as the tables in an MP4 hold them. */
export class NumberList {
  length = 0
  #bytes = Buffer.alloc(1024)

  push(number: number): void {
    if (4 * this.length === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length)
    this.#bytes.writeUInt32BE(number, 4 * this.length++)
  }

  /** Adds one to the number at this index. */
  increment(index: number): void {
    this.#bytes.writeUInt32BE(this.#bytes.readUInt32BE(4 * index) + 1, 4 * index)
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, 4 * this.length)
  }
}

/** A growing list of 32-bit numbers, kept as pairs: how many times, which number. */
export class RunLengthList {
  readonly #pairs = new NumberList()
  #last: number | undefined

  push(number: number): void {
    if (number === this.#last) return this.#pairs.increment(this.#pairs.length - 2)
    this.#pairs.push(1)
    this.#pairs.push(number)
    this.#last = number
  }

  get pairs(): Buffer {
    return this.#pairs.bytes
  }
}
