/** What a server has logged as an error of its own. */
export const errorsIn = (log: string): string[] =>
  log.split('\n').filter((line) => line !== '' && !isHarmless(line))

/** One entry is one line of JSON, whatever came into it. */
function isHarmless(line: string): boolean {
  const { severity } = JSON.parse(line) as { severity: string }
  return severity !== 'ERROR'
}
