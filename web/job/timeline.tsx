import type { JobView } from '../../lib/jobs/view.ts'
import { formatSeconds } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { isOver } from '../jobs/job.ts'
import { formatStep, stepsOf, type Step } from './steps.ts'
import { jobText } from './text.ts'
import { useSeconds } from './use-seconds.ts'

/** What a job did when, each step a bar on one time axis, with the instance that did it. */
export function Timeline({ job }: { job: JobView }) {
  const text = useText(jobText)
  const steps = stepsOf(job, useSeconds(!isOver(job)))
  const end = Math.max(...steps.map(({ from, seconds }) => from + seconds), 0)
  const several = steps.some(({ attempt }) => attempt > 1)
  if (steps.length === 0) return null
  return (
    <section class="panel" aria-labelledby="timeline">
      <h3 id="timeline">{text.timeline}</h3>
      <div class="timeline">
        <ol>
          {steps.map((step) => (
            <Bar
              key={`${step.attempt} ${step.from} ${step.status}`}
              step={step}
              end={end}
              several={several}
            />
          ))}
        </ol>
        <p class="axis" aria-hidden="true">
          <span>0</span>
          <span>{formatStep(end / 2, end)}</span>
          <span>{formatStep(end, end)}</span>
        </p>
      </div>
    </section>
  )
}

/** In percent: a step too short to be seen is drawn all the same. */
const leastWidth = 0.5

function Bar({ step, end, several }: { step: Step; end: number; several: boolean }) {
  const text = useText(jobText)
  const { from, seconds, isOpen, attempt, function: name, instance } = step
  const percent = (of: number): number => (end > 0 ? (100 * of) / end : 0)
  const width = Math.max(leastWidth, percent(seconds))
  return (
    <li class={isOpen ? 'open' : undefined}>
      <span class="step">
        {text.steps[step.status]}
        {several && <span class="quiet"> {text.attempt(attempt)}</span>}
      </span>
      <svg class={`bar ${step.status.toLowerCase()}`} aria-hidden="true">
        <rect x={`${Math.min(percent(from), 100 - width)}%`} width={`${width}%`} height="100%" rx="3" />
      </svg>
      <span class="took">
        {isOpen ? text.soFar(formatSeconds(Math.floor(seconds))) : formatStep(seconds, end)}
      </span>
      <span class="by quiet" title={`${name}@${instance}`}>
        {name}@{instance}
      </span>
    </li>
  )
}
