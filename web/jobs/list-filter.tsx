import { useEffect, useState } from 'preact/hooks'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { jobsText, statusNames } from './text.ts'

const typingMilliseconds = 300

interface Props {
  tapedeck: Pick<Tapedeck, 'account' | 'jobs'>
}

/** Which jobs are listed: by their status, and by their names. */
export function ListFilter({ tapedeck: { jobs } }: Props) {
  const text = useText(jobsText)
  const { query, list } = useStore(jobs.state)
  const [filename, setFilename] = useState(query.filename)
  useEffect(() => {
    const ask = (): void => {
      if (filename !== jobs.state.get().query.filename) jobs.ask({ ...jobs.state.get().query, filename })
    }
    // Where all are known, nobody is bothered.
    const timer = setTimeout(ask, jobs.state.get().list.isWhole ? 0 : typingMilliseconds)
    return () => clearTimeout(timer)
  }, [filename, jobs])
  const label = list.isWhole ? text.search : text.searchBeginning

  return (
    <div class="filter" role="search">
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={filename}
        onInput={({ currentTarget: { value } }) => setFilename(value)}
      />
      <select
        aria-label={text.filter}
        value={query.status ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const { status: _, ...others } = query
          const status = statusNames.find((name) => name === value)
          jobs.ask({ ...others, ...(status && { status }) })
        }}
      >
        <option value="">{text.allStates}</option>
        {statusNames.map((name) => (
          <option key={name} value={name}>
            {text.status[name]}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Lets an administrator see everybody's files. */
export function EverybodySwitch({ tapedeck: { account, jobs } }: Props) {
  const text = useText(jobsText)
  const { query } = useStore(jobs.state)
  const isAdmin = useStore(account)?.role === 'admin'
  if (!isAdmin && !query.isEverybodys) return null
  return (
    <label class="check">
      <input
        type="checkbox"
        role="switch"
        checked={query.isEverybodys}
        onChange={({ currentTarget: { checked } }) => jobs.ask({ ...query, isEverybodys: checked })}
      />
      {text.everybodysFiles}
    </label>
  )
}
