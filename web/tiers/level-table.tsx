import { useEffect, useRef, useState } from 'preact/hooks'
import { storageClasses, type StorageClass } from '../../lib/storage-class.ts'
import type { Level } from '../../lib/tiers/levels.ts'
import { useErrorText } from '../api/error-text.ts'
import type { Api } from '../api/api.ts'
import { useText } from '../i18n/language.ts'
import { draftOf, levelsOf, mistakesIn, type Draft, type Located } from './mistakes.ts'
import { tiersText } from './text.ts'

interface Props {
  levels: readonly Level[]
  api: Api
  onSaved: (levels: Level[]) => void
}

const mostLevels = 20

const withoutKey = ({ key: _key, ...draft }: Draft): Omit<Draft, 'key'> => draft

/** The levels, to be changed all together; what the server would refuse is said as it is typed. */
export function LevelTable({ levels, api, onSaved }: Props) {
  const text = useText(tiersText)
  const describe = useErrorText()
  const [drafts, setDrafts] = useState<readonly Draft[]>(levels.map(draftOf))
  const [state, setState] = useState<'busy' | 'saved' | { error: unknown }>()
  const mistakes = mistakesIn(drafts)
  const isChanged =
    JSON.stringify(drafts.map(withoutKey)) !== JSON.stringify(levels.map(draftOf).map(withoutKey))

  function change(changed: readonly Draft[]): void {
    setDrafts(changed)
    setState(undefined)
  }

  /** Behind the last one. */
  function add(): void {
    const last = levelsOf(drafts).at(-1)
    const from = Number.isFinite(last?.maxCount) ? (last?.maxCount ?? -1) + 1 : 0
    const key = Math.max(-1, ...drafts.map((draft) => draft.key)) + 1
    change([
      ...drafts,
      { key, name: '', minCount: String(from), maxCount: String(from + 999), storageClass: 'STANDARD' },
    ])
  }

  async function save(): Promise<void> {
    setState('busy')
    try {
      const asked = levelsOf(drafts)
      const saved = await api.saveLevels(asked.map(({ key: _key, ...level }) => level))
      onSaved(saved)
      // In the same order: each row stays what it is, and keeps the focus.
      setDrafts(saved.map((level, place) => draftOf(level, asked[place]?.key ?? place)))
      setState('saved')
    } catch (error) {
      setState({ error })
    }
  }

  return (
    <form
      class="panel"
      aria-labelledby="levels"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <h3 id="levels">{text.levels}</h3>
      <p class="quiet">{text.levelsHint}</p>
      <table class="levels">
        <thead>
          <tr>
            {text.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {drafts.map((draft) => (
            <Row
              key={draft.key}
              draft={draft}
              mistakes={mistakes.filter(({ key }) => key === draft.key)}
              canRemove={drafts.length > 1}
              onChange={(changed) => change(drafts.map((each) => (each.key === draft.key ? changed : each)))}
              onRemove={() => change(drafts.filter(({ key }) => key !== draft.key))}
            />
          ))}
        </tbody>
      </table>
      <div class="actions start">
        <button class="primary" disabled={state === 'busy' || mistakes.length > 0}>
          {text.save}
        </button>
        <button type="button" disabled={drafts.length >= mostLevels} onClick={add}>
          {text.addLevel}
        </button>
        {isChanged && (
          <button type="button" onClick={() => change(levels.map(draftOf))}>
            {text.undo}
          </button>
        )}
        <span class="quiet" role="status">
          {state === 'saved' && text.saved}
        </span>
      </div>
      {typeof state === 'object' && (
        <p class="notice error" role="alert">
          {describe(state.error)}
        </p>
      )}
    </form>
  )
}

interface RowProps {
  draft: Draft
  mistakes: readonly Located[]
  canRemove: boolean
  onChange: (draft: Draft) => void
  onRemove: () => void
}

function Row({ draft, mistakes, canRemove, onChange, onRemove }: RowProps) {
  const text = useText(tiersText)
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (draft.name === '') row.current?.querySelector('input')?.focus()
  }, [])
  const field = (name: Located['field'], label: string) => {
    const mistake = mistakes.find((each) => each.field === name)?.mistake
    const id = `level-${draft.key}-${name}`
    return (
      <td data-label={label}>
        <input
          aria-label={`${label}: ${draft.name || text.newLevel}`}
          aria-invalid={mistake !== undefined}
          aria-describedby={mistake && id}
          inputMode={name === 'name' ? 'text' : 'numeric'}
          value={draft[name]}
          onInput={({ currentTarget: { value } }) => onChange({ ...draft, [name]: value })}
        />
        {mistake && (
          <p id={id} class="mistake" role="status">
            {text.mistake(mistake)}
          </p>
        )}
      </td>
    )
  }
  const [name, from, to, kept] = text.columns
  return (
    <tr ref={row}>
      {field('name', name)}
      {field('minCount', from)}
      {field('maxCount', to)}
      <td data-label={kept}>
        <select
          aria-label={`${kept}: ${draft.name || text.newLevel}`}
          value={draft.storageClass}
          onChange={({ currentTarget: { value } }) =>
            // Its options are all there are.
            onChange({ ...draft, storageClass: value as StorageClass })
          }
        >
          {storageClasses.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </td>
      <td>
        <button
          type="button"
          class="danger"
          aria-label={text.removeNamed(draft.name || text.newLevel)}
          disabled={!canRemove}
          onClick={onRemove}
        >
          {text.remove}
        </button>
      </td>
    </tr>
  )
}
