import { useEffect, useRef, useState } from 'preact/hooks'
import { storageClasses, type StorageClass } from '../../lib/storage-class.ts'
import { mostLevels } from '../../lib/tiers/level-rules.ts'
import type { Level } from '../../lib/tiers/levels.ts'
import type { Api } from '../api/api.ts'
import { ColumnHeads } from '../app/column-heads.tsx'
import { ErrorNotice } from '../app/error-notice.tsx'
import { useLeavingQuestion } from '../app/leaving-question.ts'
import { useAction } from '../app/use-action.ts'
import { useText } from '../i18n/language.ts'
import { draftBehind, draftOf, isChanged, levelsOf, type Draft } from './drafts.ts'
import { mistakesIn, type Located, type Mistake } from './mistakes.ts'
import { tiersText } from './text.ts'

interface Props {
  levels: readonly Level[]
  api: Api
  onSaved: (levels: Level[]) => void
}

/** The levels, to be changed all together; what the server would refuse is said as it is typed. */
export function LevelTable({ levels, api, onSaved }: Props) {
  const text = useText(tiersText)
  const [drafts, setDrafts] = useState<readonly Draft[]>(levels.map(draftOf))
  const [isSaved, setSaved] = useState(false)
  const { isBusy, error, run } = useAction()
  const mistakes = mistakesIn(drafts)
  const isTyped = isChanged(drafts, levels)
  useLeavingQuestion(isTyped ? text.askLeave : undefined)

  function change(changed: readonly Draft[]): void {
    setDrafts(changed)
    setSaved(false)
  }

  async function save(): Promise<void> {
    const asked = levelsOf(drafts)
    const saved = await api.saveLevels(asked.map(({ key: _key, ...level }) => level))
    onSaved(saved)
    // In the same order: each row stays what it is, and keeps the focus.
    setDrafts(saved.map((level, place) => draftOf(level, asked[place]?.key ?? place)))
    setSaved(true)
  }

  return (
    <form
      class="panel"
      aria-labelledby="levels"
      onSubmit={(event) => {
        event.preventDefault()
        void run(save)
      }}
    >
      <h3 id="levels">{text.levels}</h3>
      <p class="quiet">{text.levelsHint}</p>
      <Rows drafts={drafts} mistakes={mistakes} onChange={change} />
      <div class="actions start">
        <button class={isTyped ? 'primary' : undefined} disabled={isBusy || mistakes.length > 0}>
          {text.save}
        </button>
        <RowTools drafts={drafts} levels={levels} onChange={change} />
        <span class="quiet" role="status">
          {isSaved && text.saved}
        </span>
      </div>
      <ErrorNotice error={error} />
    </form>
  )
}

interface RowToolsProps {
  drafts: readonly Draft[]
  levels: readonly Level[]
  onChange: (drafts: readonly Draft[]) => void
}

function RowTools({ drafts, levels, onChange }: RowToolsProps) {
  const text = useText(tiersText)
  return (
    <>
      <button
        type="button"
        disabled={drafts.length >= mostLevels}
        onClick={() => onChange([...drafts, draftBehind(drafts)])}
      >
        {text.addLevel}
      </button>
      {isChanged(drafts, levels) && (
        <button type="button" onClick={() => onChange(levels.map(draftOf))}>
          {text.undo}
        </button>
      )}
    </>
  )
}

interface RowsProps {
  drafts: readonly Draft[]
  mistakes: readonly Located[]
  onChange: (drafts: readonly Draft[]) => void
}

function Rows({ drafts, mistakes, onChange }: RowsProps) {
  const { columns } = useText(tiersText)
  return (
    <table class="levels">
      <ColumnHeads columns={columns} />
      <tbody>
        {drafts.map((draft) => (
          <Row
            key={draft.key}
            draft={draft}
            mistakes={mistakes.filter(({ key }) => key === draft.key)}
            canRemove={drafts.length > 1}
            onChange={(changed) => onChange(drafts.map((each) => (each.key === draft.key ? changed : each)))}
            onRemove={() => onChange(drafts.filter(({ key }) => key !== draft.key))}
          />
        ))}
      </tbody>
    </table>
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
  const named = draft.name || text.newLevel
  const [name, from, to, kept] = text.columns
  const fields = [
    ['name', name],
    ['minCount', from],
    ['maxCount', to],
  ] as const
  return (
    <tr ref={row}>
      {fields.map(([field, label]) => (
        <td key={field} data-label={label}>
          <Field
            id={`level-${draft.key}-${field}`}
            label={`${label}: ${named}`}
            inputMode={field === 'name' ? 'text' : 'numeric'}
            value={draft[field]}
            mistake={mistakes.find((each) => each.field === field)?.mistake}
            onInput={(value) => onChange({ ...draft, [field]: value })}
          />
        </td>
      ))}
      <td data-label={kept}>
        <ClassChoice
          label={`${kept}: ${named}`}
          value={draft.storageClass}
          onChange={(chosen) => onChange({ ...draft, storageClass: chosen })}
        />
      </td>
      <td>
        <button
          type="button"
          class="danger"
          aria-label={text.removeNamed(named)}
          disabled={!canRemove}
          onClick={onRemove}
        >
          {text.remove}
        </button>
      </td>
    </tr>
  )
}

interface ClassProps {
  label: string
  value: StorageClass
  onChange: (chosen: StorageClass) => void
}

function ClassChoice({ label, value, onChange }: ClassProps) {
  return (
    <select
      aria-label={label}
      value={value}
      // Its options are all there are.
      onChange={({ currentTarget }) => onChange(currentTarget.value as StorageClass)}
    >
      {storageClasses.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  )
}

interface FieldProps {
  id: string
  label: string
  inputMode: 'text' | 'numeric'
  value: string
  mistake: Mistake | undefined
  onInput: (value: string) => void
}

function Field({ id, label, inputMode, value, mistake, onInput }: FieldProps) {
  const text = useText(tiersText)
  return (
    <>
      <input
        aria-label={label}
        aria-invalid={mistake !== undefined}
        aria-describedby={mistake && id}
        inputMode={inputMode}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      {mistake && (
        <p id={id} class="mistake" role="status">
          {text.mistake(mistake)}
        </p>
      )}
    </>
  )
}
