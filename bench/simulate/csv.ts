import { parse } from 'csv-parse/sync'
import { TraceBuilder, type Trace } from './trace.ts'

const columns = ['day', 'object', 'bytes', 'reads'] as const
type Column = (typeof columns)[number]

const lastDay = 65_534
const what: Readonly<Record<Exclude<Column, 'object'>, { most: number; meaning: string }>> = {
  day: { most: lastDay, meaning: 'a day, counted from 0' },
  bytes: { most: Number.MAX_SAFE_INTEGER, meaning: "the object's size" },
  reads: { most: 2 ** 32 - 1, meaning: 'how often it was read on that day' },
}

interface Known {
  line: number
  bytes: number
  createdOn: number
  reads: Map<number, number>
}

/**
 * A trace from a table of `day,object,bytes,reads`, which names these columns in its first line. An object is there from the day
 * of its earliest row on. `days`: how long the trace is, or until its last row.
 */
export function traceFromCsv(name: string, text: string, days?: number): Trace {
  const objects = new Map<string, Known>()
  let last = 0
  for (const { line, cells } of rowsOf(name, text)) {
    const refuse = (column: Column, problem: string): Error =>
      new Error(`${name}, line ${line}, column ${column}: ${JSON.stringify(cells[column])} ${problem}`)
    const number = (column: Exclude<Column, 'object'>): number => {
      const { most, meaning } = what[column]
      const value = Number(cells[column])
      if (!/^\d+$/.test(cells[column]) || value > most)
        throw refuse(column, `is not a whole number from 0 to ${most}. Write ${meaning}.`)
      return value
    }
    const [day, bytes, reads] = [number('day'), number('bytes'), number('reads')]
    if (cells.object === '') throw refuse('object', 'is no name. Write what the object is called.')
    if (days !== undefined && day >= days)
      throw refuse(
        'day',
        `is not before day ${days}, with which the trace ends. Set --days to ${day + 1} or more.`,
      )
    const known = objects.get(cells.object) ?? {
      line,
      bytes,
      createdOn: day,
      reads: new Map<number, number>(),
    }
    if (known.bytes !== bytes)
      throw refuse(
        'bytes',
        `is not ${known.bytes}, as in line ${known.line}. Give an object of another size another name.`,
      )
    known.createdOn = Math.min(known.createdOn, day)
    known.reads.set(day, (known.reads.get(day) ?? 0) + reads)
    objects.set(cells.object, known)
    last = Math.max(last, day)
  }
  if (objects.size === 0)
    throw new Error(`${name} has no rows. Write one for each object and day with reads.`)
  const builder = new TraceBuilder()
  for (const { createdOn, bytes, reads } of objects.values()) builder.add(createdOn, bytes, reads)
  return builder.trace(name, days ?? last + 1)
}

interface Row {
  info: { lines: number }
  record: Record<Column, string>
}

/** The rows of a table and the lines that they stand in. */
function rowsOf(name: string, text: string): { line: number; cells: Record<Column, string> }[] {
  const options = { bom: true, columns: headOf, info: true, skip_empty_lines: true, trim: true } as const
  try {
    const rows: unknown = parse(text, options)
    // The shape that `info` and `columns` give.
    return (rows as Row[]).map(({ info, record }) => ({ line: info.lines, cells: record }))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new Error(
      `${name} cannot be read as a table: ${error.message}. Each line needs ${columns.join(',')}.`,
      {
        cause: error,
      },
    )
  }
}

function headOf(head: string[]): string[] {
  const lacking = columns.filter((column) => !head.includes(column))
  if (lacking.length > 0)
    throw new Error(`line 1 has no column ${lacking.join(', ')}, but ${head.join(', ')}`)
  return head
}
