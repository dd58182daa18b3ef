import { storageClasses } from '../../lib/storage-class.ts'
import type { LevelReport } from '../api/api.ts'
import { formatBytes } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { byClass, type ClassUse } from './by-class.ts'
import { tiersText } from './text.ts'

/** Objects, bytes and cost a month of each storage class: for each of the three a row of bars. */
export function StorageChart({ report }: { report: LevelReport }) {
  const text = useText(tiersText)
  const uses = byClass(report.levels)
  const number = new Intl.NumberFormat('en')
  const measures: [name: string, of: (use: ClassUse) => number, format: (value: number) => string][] = [
    [text.objects, ({ objects }) => objects, (value) => number.format(value)],
    [text.size, ({ bytes }) => bytes, formatBytes],
    [text.cost, ({ costPerMonth }) => costPerMonth, formatDollars],
  ]
  return (
    <section class="panel" aria-labelledby="use">
      <h3 id="use">{text.use}</h3>
      <div class="charts">
        {measures.map(([name, of, format]) => {
          const most = Math.max(...storageClasses.map((each) => of(uses[each])))
          return (
            <table key={name} class="chart">
              <caption>{name}</caption>
              <tbody>
                {storageClasses.map((each) => (
                  <tr key={each}>
                    <th scope="row">{each}</th>
                    <td>
                      <svg class={`bar ${each.toLowerCase()}`} aria-hidden="true">
                        <rect
                          width={`${most > 0 ? (100 * of(uses[each])) / most : 0}%`}
                          height="100%"
                          rx="3"
                        />
                      </svg>
                    </td>
                    <td class="value">{format(of(uses[each]))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        })}
      </div>
      <Moves moves={report.moves} />
    </section>
  )
}

function Moves({ moves: { count, fees, savesPerMonth, savedSoFar } }: Pick<LevelReport, 'moves'>) {
  const text = useText(tiersText)
  return (
    <p class="quiet">
      {count === 0
        ? text.noMoves
        : text.moves(count, formatDollars(fees), formatDollars(savesPerMonth), formatDollars(savedSoFar))}
    </p>
  )
}

/** US$: cents where there are any, else as many places as it takes to see something. */
function formatDollars(value: number): string {
  const isSmall = value !== 0 && Math.abs(value) < 0.01
  return new Intl.NumberFormat('en', {
    ...{ style: 'currency', currency: 'USD' },
    ...(isSmall ? { maximumSignificantDigits: 2 } : {}),
  }).format(value)
}
