import type { UserAccount } from '../api/api.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { ForAdmins } from '../app/for-admins.tsx'
import { Loaded } from '../app/loaded.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { textOf, useAction, useForm } from '../app/use-action.ts'
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
  const { isBusy, error, onSubmit } = useForm(async (values) => {
    const role = values.get('admin') === 'on' ? 'admin' : 'user'
    await api.createUser({ email: textOf(values, 'email'), password: textOf(values, 'password'), role })
    onMade()
  })

  return (
    <form class="panel columns" aria-labelledby="new-user" onSubmit={onSubmit}>
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
        <button class="primary" disabled={isBusy}>
          {text.create}
        </button>
        <label class="check">
          <input name="admin" type="checkbox" /> {text.isAdmin}
        </label>
      </p>
      <ErrorNotice error={error} />
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
  const { error, run } = useAction()
  const self = useStore(account)?.id
  const setDisabled = (id: string, disabled: boolean): Promise<boolean> =>
    run(async () => {
      await api.updateUser(id, { disabled })
      onChanged()
    })

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
      <ErrorNotice error={error} />
    </section>
  )
}
