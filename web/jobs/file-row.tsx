import type { ComponentChildren } from 'preact'
import { formatDateAndTime, formatDateCompactly } from '../format.ts'

interface Props {
  filename: string
  /** Where more about it is. */
  href?: string
  /** What stands before the name. */
  mark?: ComponentChildren
  /** How it stands, in words; `tone` colours it. */
  status: string
  tone: 'busy' | 'good' | 'bad'
  /** 0 to 1; `unknown` while something goes on that nobody can measure. */
  progress?: number | 'unknown' | undefined
  facts: string[]
  /** When it came. */
  date?: string
  /** Whose it is, where it may be somebody else's. */
  owner?: string | undefined
  actions: ComponentChildren
  /** What stands below: errors, warnings. */
  children?: ComponentChildren
}

/** One file of a list, be it on its way here or a job. */
export function FileRow(props: Props) {
  const { filename, href, mark, status, tone, progress, facts, date, owner, actions, children } = props
  return (
    <div class="file">
      {mark && <div class="mark">{mark}</div>}
      <p class="name" title={filename}>
        {href === undefined ? (
          <bdi>{filename}</bdi>
        ) : (
          <a href={href}>
            <bdi>{filename}</bdi>
          </a>
        )}
      </p>
      <p class="facts">
        <span class={`status ${tone}`}>{status}</span>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        {date !== undefined && (
          <time dateTime={date} title={formatDateAndTime(date)}>
            {formatDateCompactly(date)}
          </time>
        )}
        {owner !== undefined && <bdi class="owner">{owner}</bdi>}
      </p>
      <div class="actions">{actions}</div>
      {progress !== undefined && <ProgressBar label={`${filename}: ${status}`} value={progress} />}
      {children}
    </div>
  )
}

export function ProgressBar({ label, value }: { label: string; value: number | 'unknown' }) {
  return <progress class="bar" aria-label={label} max={1} {...(value !== 'unknown' && { value })} />
}
