import { useState } from 'preact/hooks'
import type { UserAccount } from '../api/api.ts'
import { ColumnHeads } from '../app/column-heads.tsx'
import { ErrorNotice } from '../app/error-notice.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useAction } from '../app/use-action.ts'
import { formatBytes, formatDate } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { LimitsDialog } from './limits-dialog.tsx'
import { limitNames, type LimitName } from './limits.ts'
import { usersText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  users: readonly UserAccount[]
  onChanged: () => void
}

/** The accounts that there are. */
export function UserTable({ tapedeck: { api, account }, users, onChanged }: Props) {
  const text = useText(usersText)
  const { error, run } = useAction()
  const self = useStore(account)?.id
  const [limited, setLimited] = useState<UserAccount>()
  const setDisabled = ({ id }: UserAccount, disabled: boolean): Promise<boolean> =>
    run(async () => {
      await api.updateUser(id, { disabled })
      onChanged()
    })

  return (
    <section class="panel" aria-labelledby="users">
      <h3 id="users">{text.count(users.length)}</h3>
      <table class="users">
        <ColumnHeads columns={text.columns} />
        <tbody>
          {users.map((user) => (
            <Row
              key={user.id}
              user={user}
              isSelf={user.id === self}
              onLimit={() => setLimited(user)}
              onDisable={(disabled) => void setDisabled(user, disabled)}
            />
          ))}
        </tbody>
      </table>
      <ErrorNotice error={error} />
      {limited && (
        <LimitsDialog user={limited} api={api} onClose={() => setLimited(undefined)} onSaved={onChanged} />
      )}
    </section>
  )
}

interface RowProps {
  user: UserAccount
  isSelf: boolean
  onLimit: () => void
  onDisable: (disabled: boolean) => void
}

function Row({ user: { email, role, disabled, createdAt, quota }, isSelf, onLimit, onDisable }: RowProps) {
  const text = useText(usersText)
  return (
    <tr class={disabled ? 'disabled' : undefined}>
      <td>
        <bdi>{email}</bdi>
      </td>
      <td>
        {text.roles[role]}
        {disabled && `, ${text.isDisabled}`}
      </td>
      <td>{formatDate(createdAt)}</td>
      <td>
        <Limits own={quota} />
      </td>
      <td>
        <div class="actions">
          <button aria-label={text.limitNamed(email)} onClick={onLimit}>
            {text.limits}
          </button>
          {!isSelf && (
            <button
              class={disabled ? undefined : 'danger'}
              aria-label={disabled ? text.enableNamed(email) : text.disableNamed(email)}
              onClick={() => onDisable(!disabled)}
            >
              {disabled ? text.enable : text.disable}
            </button>
          )}
        </div>
      </td>
    </tr>
  )
}

/** Those that were set for this account. */
function Limits({ own = {} }: { own: UserAccount['quota'] }) {
  const text = useText(usersText)
  const set = limitNames.flatMap((name) => {
    const limit = own[name]
    return limit === undefined ? [] : [[name, limit] as const]
  })
  if (set.length === 0) return <span class="quiet">{text.byDefault}</span>
  const valueOf = (name: LimitName, limit: number | 'unlimited'): string => {
    if (limit === 'unlimited') return text.unlimited
    return name === 'jobs' ? String(limit) : formatBytes(limit)
  }
  return (
    <ul class="own-limits">
      {set.map(([name, limit]) => (
        <li key={name}>
          {text.limitNames[name]}: {valueOf(name, limit)}
        </li>
      ))}
    </ul>
  )
}
