/** By how much the server's clock is ahead of this machine's, which may be wrong. Milliseconds. */
let ahead = 0

/** Takes in what an answer's `Date` says, to the second. */
export function hearTime(date: string | null): void {
  const told = Date.parse(date ?? '')
  if (!Number.isNaN(told)) ahead = told - Date.now()
}

/** The server's time, in milliseconds. */
export const serverNow = (): number => Date.now() + ahead
