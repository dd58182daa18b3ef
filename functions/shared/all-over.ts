/** Waits until all of them are over. Then throws what has failed; several errors as one that says them all. */
export async function allOver(all: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(all)
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  )
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('; '))
  if (errors.length === 1) throw errors[0]
}
