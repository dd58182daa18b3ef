import { secretVariables } from '../lib/config.ts'
import { functions } from '../lib/functions.ts'
import { combine, costOf, requestUsage, type Usage } from './cost-usage.ts'

/** What one kind of video of an hour uses. */
export interface Kind {
  name: string
  usage: Usage
  /** What asking for a download uses, without the download. */
  download: Usage
}

type Row = [label: string, ...cells: string[]]

const videos = 1000
const gib = 2 ** 30
const hoursPerMonth = 730
const monthsOfSource = (7 * 24) / hoursPerMonth
const functionCount = Object.keys(functions).length
// Assumed: how large an image of Node with one function is, and how long it takes to be built.
const imageGib = 0.3
const buildMinutes = 2

/** Tables in Markdown. `sweep`: what a sweep uses that finds nothing to do. */
export function costReport(kinds: readonly Kind[], sweep: Usage): string {
  const heads = kinds.map(({ name }) => name)
  return [
    table([`US$ for ${videos} videos of an hour`, ...heads], videoCosts(kinds)),
    table(['Measured, for one of them', ...heads], counts(kinds)),
    table(['US$ a month when nobody uploads', ''], idleCosts(sweep)),
    table(
      ['US$ besides', ''],
      [
        [
          `Building all ${functionCount} functions (assumed: ${buildMinutes} minutes each)`,
          dollars({ buildMinutes: functionCount * buildMinutes }),
        ],
        [
          'An hour of `status` while the page is open, in up to 200 browsers',
          dollars(requestUsage('status', 3600)),
        ],
      ],
    ),
  ].join('\n\n')
}

function videoCosts(kinds: readonly Kind[]): Row[] {
  const row = (label: string, part: (kind: Kind) => Usage): Row => [
    label,
    ...kinds.map((kind) => dollars(combine([videos, part(kind)]))),
  ]
  const source = ({ sourceBytes = 0 }: Usage): Usage => ({ storedGib: (sourceBytes / gib) * monthsOfSource })
  return [
    row('Function time, vCPU', ({ usage }) => pick(usage, 'vcpuSeconds')),
    row('Function time, memory', ({ usage }) => pick(usage, 'gibSeconds')),
    row('Requests', ({ usage }) => pick(usage, 'requests')),
    row('Eventarc', ({ usage }) => pick(usage, 'events')),
    row('Pub/Sub', ({ usage }) => pick(usage, 'messageBytes')),
    row('Firestore', ({ usage }) => pick(usage, 'reads', 'writes', 'deletes')),
    row('Storage, operations', ({ usage }) => pick(usage, 'classA', 'classB')),
    row('Storage, uploaded video for 7 days', ({ usage }) => source(usage)),
    row('**Together**', ({ usage }) => combine([1, usage], [1, source(usage)])),
    row('Storage, MP3 for a month', ({ usage: { mp3Bytes = 0 } }) => ({ storedGib: mp3Bytes / gib })),
    row('Storage, MP4 of an AVI for a month', ({ usage: { mp4Bytes = 0 } }) => ({
      storedGib: mp4Bytes / gib,
    })),
    row('Every MP3 downloaded once', ({ usage: { mp3Bytes = 0 }, download }) =>
      combine([1, download], [1, { classB: 1, sentGib: mp3Bytes / gib }]),
    ),
  ]
}

function counts(kinds: readonly Kind[]): Row[] {
  const row = (label: string, name: keyof Usage, unit = 1, digits = 0): Row => [
    label,
    ...kinds.map(({ usage }) => ((usage[name] ?? 0) / unit).toFixed(digits)),
  ]
  return [
    row('Uploaded, GB', 'sourceBytes', 1e9, 2),
    row('MP3, MB', 'mp3Bytes', 1e6, 1),
    row('`transcode`, seconds', 'workSeconds', 1, 1),
    row('`transcode`, CPU seconds', 'cpuSeconds', 1, 1),
    row('Requests', 'requests'),
    row('Firestore, reads', 'reads'),
    row('Firestore, writes', 'writes'),
    row('Storage, class A', 'classA'),
    row('Storage, class B', 'classB'),
  ]
}

function idleCosts(sweep: Usage): Row[] {
  const sweeps = (hoursPerMonth * 60) / functions.sweep.trigger.everyMinutes
  const parts: [label: string, usage: Usage][] = [
    ['Scheduler, one job', { jobs: 1 }],
    [`${sweeps} sweeps that find nothing to do`, combine([sweeps, sweep])],
    [`${secretVariables.length} secrets, one version each`, { secrets: secretVariables.length }],
    [
      `Images of ${functionCount} functions (assumed: ${imageGib} GiB each)`,
      { imageGib: functionCount * imageGib },
    ],
    ['Empty buckets and database, topics, functions', {}],
  ]
  const all = combine(...parts.map(([, usage]): [number, Usage] => [1, usage]))
  return [...parts, ['**Together**', all] as const].map(([label, usage]) => [label, dollars(usage)])
}

const pick = (usage: Usage, ...names: (keyof Usage)[]): Usage =>
  Object.fromEntries(names.map((name) => [name, usage[name] ?? 0]))

/** To the cent; less than that is said to be less. */
function dollars(usage: Usage): string {
  const usd = costOf(usage)
  return usd > 0 && usd < 0.005 ? '< 0.01' : usd.toFixed(2)
}

/** The first column is text, the others are figures. */
function table(heads: string[], rows: Row[]): string {
  const rule = heads.map((_, column) => (column === 0 ? '---' : '---:'))
  return [heads, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
