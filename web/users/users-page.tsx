import { useState } from 'preact/hooks'
import type { TargetedSubmitEvent } from 'preact'
import type { UserAccount } from '../api/api.ts'
import { useErrorText } from '../api/error-text.ts'
import { ForAdmins } from '../app/for-admins.tsx'
import { Loaded } from '../app/loaded.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { textOf } from '../form.ts'
import { formatDateAndTime } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { usersText } from './text.ts'

/** All accounts: made, disabled and enabled again. For administrators. */
export function UsersPage({ tapedeck }: { tapedeck: Tapedeck }) {
  const text = useText(usersText)
  return (
    <ForAdmins tapedeck={tapedeck} title={text.title}>
      <Loaded load={() => tapedeck.api.users()}>
        {(users, reload) => (
          <>
            <NewUser tapedeck={tapedeck} onMade={reload} />
            <UserTable tapedeck={tapedeck} users={users} onChanged={reload} />
          </>
        )}
      </Loaded>
    </ForAdmins>
  )
}

function NewUser({ tapedeck: { api }, onMade }: { tapedeck: Tapedeck; onMade: () => void }) {
  const text = useText(usersText)
  const describe = useErrorText()
  const [state, setState] = useState<'busy' | { error: unknown }>()

  async function make(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    const values = new FormData(form)
    setState('busy')
    try {
      const role = values.get('admin') === 'on' ? 'admin' : 'user'
      await api.createUser({ email: textOf(values, 'email'), password: textOf(values, 'password'), role })
      form.reset()
      setState(undefined)
      onMade()
    } catch (error) {
      setState({ error })
    }
  }

  return (
    <form class="panel columns" aria-labelledby="new-user" onSubmit={(event) => void make(event)}>
      <h3 id="new-user">{text.newUser}</h3>
      <label class="field">
        {text.email}
        <input name="email" type="email" autoComplete="off" required maxLength={254} />
      </label>
      <label class="field">
        {text.password}
        <input name="password" type="password" autoComplete="new-password" required minLength={8} />
      </label>
      <p class="line">
        <button class="primary" disabled={state === 'busy'}>
          {text.create}
        </button>
        <label class="check">
          <input name="admin" type="checkbox" /> {text.isAdmin}
        </label>
      </p>
      {typeof state === 'object' && (
        <p class="notice error" role="alert">
          {describe(state.error)}
        </p>
      )}
    </form>
  )
}

interface TableProps {
  tapedeck: Tapedeck
  users: readonly UserAccount[]
  onChanged: () => void
}

function UserTable({ tapedeck: { api, account }, users, onChanged }: TableProps) {
  const text = useText(usersText)
  const describe = useErrorText()
  const [error, setError] = useState<unknown>()
  const self = useStore(account)?.id

  async function setDisabled(id: string, disabled: boolean): Promise<void> {
    setError(undefined)
    try {
      await api.updateUser(id, { disabled })
      onChanged()
    } catch (failure) {
      setError(failure)
    }
  }

  return (
    <section class="panel" aria-labelledby="users">
      <h3 id="users">{text.count(users.length)}</h3>
      <table class="users">
        <thead>
          <tr>
            <th scope="col">{text.email}</th>
            <th scope="col">{text.role}</th>
            <th scope="col">{text.since}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {users.map(({ id, email, role, disabled, createdAt }) => (
            <tr key={id} class={disabled ? 'disabled' : undefined}>
              <td>
                <bdi>{email}</bdi>
              </td>
              <td>
                {text.roles[role]}
                {disabled && `, ${text.isDisabled}`}
              </td>
              <td>{formatDateAndTime(createdAt)}</td>
              <td>
                {id !== self && (
                  <button
                    class={disabled ? undefined : 'danger'}
                    aria-label={disabled ? text.enableNamed(email) : text.disableNamed(email)}
                    onClick={() => void setDisabled(id, !disabled)}
                  >
                    {disabled ? text.enable : text.disable}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {error !== undefined && (
        <p class="notice error" role="alert">
          {describe(error)}
        </p>
      )}
    </section>
  )
}
