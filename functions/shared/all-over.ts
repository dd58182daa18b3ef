/** Waits until all of them are over. Then throws what has failed; errors that say different things as one that says them all. */
export async function allOver(all: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(all)
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  )
  const messages = new Set(errors.map((error) => (error instanceof Error ? error.message : String(error))))
  if (messages.size > 1) throw new AggregateError(errors, [...messages].join(' '))
  if (errors.length > 0) throw errors[0]
}
