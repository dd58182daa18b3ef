import type { ComponentChildren } from 'preact'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { Heading } from './heading.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  title: string
  children: ComponentChildren
}

/** A section that only administrators have; anybody may come to its address. */
export function ForAdmins({ tapedeck, title, children }: Props) {
  const text = useText(appText)
  const account = useStore(tapedeck.account)
  return (
    <main class="settings">
      <Heading title={title} />
      {account?.role === 'admin' ? (
        children
      ) : (
        <p class="placeholder" role="status">
          {account ? text.adminsOnly : text.loading}
        </p>
      )}
    </main>
  )
}
