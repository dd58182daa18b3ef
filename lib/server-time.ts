/** Stands, in a record about to be written, for the time at which the store commits it. */
export class ServerTime {
  // Makes the class nominal: without a member every object would pass for a ServerTime.
  readonly kind = 'server time'
}

/** The value that a record store replaces by its own clock's time at the commit. Only in map fields, never in arrays. */
export const serverTime = (): ServerTime => new ServerTime()

/** `T` as it may be written: wherever a read gives a Date, a write may also say `serverTime()`. */
export type Writable<T> = T extends Date
  ? Date | ServerTime
  : T extends readonly unknown[]
    ? T
    : T extends object
      ? { [K in keyof T]: Writable<T[K]> }
      : T
