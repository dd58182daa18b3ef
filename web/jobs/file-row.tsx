import type { ComponentChildren } from 'preact'

interface Props {
  filename: string
  /** How it stands, in words; `tone` colours it. */
  status: string
  tone: 'busy' | 'good' | 'bad'
  /** 0 to 1; `unknown` while something goes on that nobody can measure. */
  progress?: number | 'unknown' | undefined
  facts: string[]
  actions: ComponentChildren
  /** What stands below: errors, warnings, details. */
  children?: ComponentChildren
}

/** One file of the list, be it on its way here or a job. */
export function FileRow({ filename, status, tone, progress, facts, actions, children }: Props) {
  return (
    <li class="file">
      <p class="name" title={filename}>
        <bdi>{filename}</bdi>
      </p>
      <p class="facts">
        <span class={`status ${tone}`}>{status}</span>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <div class="actions">{actions}</div>
      {progress !== undefined && <Bar label={status} value={progress} />}
      {children}
    </li>
  )
}

function Bar({ label, value }: { label: string; value: number | 'unknown' }) {
  return <progress class="bar" aria-label={label} max={1} {...(value !== 'unknown' && { value })} />
}
