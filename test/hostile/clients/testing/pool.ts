/** What a server has that requests may be about. */
export interface Pool {
  /** Jobs, of every kind. */
  ids: string[]
  /** An administrator's first. */
  tokens: string[]
}
