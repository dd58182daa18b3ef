import { useEffect, useRef, useState } from 'preact/hooks'
import type { Api, UserAccount } from '../api/api.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { useAction } from '../app/use-action.ts'
import { useText } from '../i18n/language.ts'
import { changeOf, draftsOf, limitNames, mistakeIn, type Draft, type LimitName } from './limits.ts'
import { usersText } from './text.ts'

interface Props {
  user: UserAccount
  api: Api
  onClose: () => void
  onSaved: () => void
}

/** What one account may have in place of the server's defaults; what the server would refuse is said as it is typed. */
export function LimitsDialog({ user: { id, email, quota }, api, onClose, onSaved }: Props) {
  const text = useText(usersText)
  const dialog = useRef<HTMLDialogElement>(null)
  const [drafts, setDrafts] = useState(draftsOf(quota))
  const { isBusy, error, run } = useAction()
  const isWrong = limitNames.some((name) => mistakeIn(name, drafts[name]) !== undefined)
  useEffect(() => dialog.current?.showModal(), [])

  async function save(): Promise<void> {
    await api.updateUser(id, { quota: changeOf(drafts) })
    dialog.current?.close()
    onSaved()
  }

  return (
    <dialog ref={dialog} class="limits" aria-labelledby="limits-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run(save)
        }}
      >
        <h2 id="limits-title">
          {text.limits}: <bdi>{email}</bdi>
        </h2>
        {limitNames.map((name) => (
          <LimitField
            key={name}
            name={name}
            draft={drafts[name]}
            onChange={(draft) => setDrafts({ ...drafts, [name]: draft })}
          />
        ))}
        <p class="quiet">{text.limitsHint}</p>
        <ErrorNotice error={error} />
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            {text.cancel}
          </button>
          <button class="primary" disabled={isBusy || isWrong}>
            {text.save}
          </button>
        </div>
      </form>
    </dialog>
  )
}

interface FieldProps {
  name: LimitName
  draft: Draft
  onChange: (draft: Draft) => void
}

function LimitField({ name, draft, onChange }: FieldProps) {
  const text = useText(usersText)
  const label = text.limitNames[name]
  const mistake = mistakeIn(name, draft)
  const id = `limit-${name}`
  return (
    <div class="limit">
      <label class="field">
        {label}
        <select
          value={draft.choice}
          onChange={({ currentTarget: { value } }) =>
            // Its options are all there are.
            onChange({ ...draft, choice: value as Draft['choice'] })
          }
        >
          <option value="default">{text.byDefault}</option>
          <option value="unlimited">{text.unlimited}</option>
          <option value="own">{text.atMost}</option>
        </select>
      </label>
      {draft.choice === 'own' && (
        <input
          aria-label={`${label}: ${text.atMost}`}
          aria-invalid={mistake !== undefined}
          aria-describedby={mistake && id}
          inputMode={name === 'jobs' ? 'numeric' : 'text'}
          value={draft.most}
          onInput={({ currentTarget: { value } }) => onChange({ ...draft, most: value })}
        />
      )}
      {mistake && (
        <p id={id} class="mistake" role="status">
          {text.mistake[mistake]}
        </p>
      )}
    </div>
  )
}
