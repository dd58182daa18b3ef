import { ErrorNotice } from '../app/error-notice.tsx'
import { ForAdmins } from '../app/for-admins.tsx'
import { Loaded } from '../app/loaded.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { textOf, useForm } from '../app/use-action.ts'
import { useText } from '../i18n/language.ts'
import { usersText } from './text.ts'
import { UserTable } from './user-table.tsx'

/** All accounts: made, limited, disabled and enabled again. For administrators. */
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
