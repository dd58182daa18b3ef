/** Names a collection of records and remembers what they look like. */
export interface Collection<T> {
  readonly name: string
  // Never set: it carries T, so that a store's methods can be typed by the collection that they are handed.
  readonly record?: T
}
