import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { isGoing } from '../uploads/upload.ts'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

/** Signs out, once it is clear that no upload is given up by mistake. */
export function SignOut({ tapedeck: { session, uploads } }: { tapedeck: Tapedeck }) {
  const text = useText(appText)
  const [names, setNames] = useState<readonly string[]>([])

  function signOut(): void {
    const going = uploads.state.get().uploads.filter(isGoing)
    if (going.length === 0) session.end()
    else setNames(going.map(({ filename }) => filename))
  }

  return (
    <>
      <button onClick={signOut}>{text.signOut}</button>
      {names.length > 0 && (
        <SignOutDialog names={names} onClose={() => setNames([])} onSignOut={() => session.end()} />
      )}
    </>
  )
}

interface DialogProps {
  /** Of the files that are not uploaded yet. */
  names: readonly string[]
  onClose: () => void
  onSignOut: () => void
}

const mostNames = 5

/** Asks once more, and says what is given up. */
function SignOutDialog({ names, onClose, onSignOut }: DialogProps) {
  const text = useText(appText)
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])

  function confirm(): void {
    dialog.current?.close()
    onSignOut()
  }

  return (
    <dialog ref={dialog} aria-labelledby="sign-out-title" aria-describedby="sign-out-text" onClose={onClose}>
      <h2 id="sign-out-title">{text.askSignOut(names.length)}</h2>
      <div id="sign-out-text">
        <ul class="names">
          {names.slice(0, mostNames).map((name, index) => (
            <li key={index}>
              <bdi>{name}</bdi>
            </li>
          ))}
          {names.length > mostNames && <li class="quiet">{text.andMore(names.length - mostNames)}</li>}
        </ul>
        <p class="quiet">{text.givenUp}</p>
      </div>
      <div class="actions">
        <button autoFocus onClick={() => dialog.current?.close()}>
          {text.stay}
        </button>
        <button class="danger-filled" onClick={confirm}>
          {text.signOut}
        </button>
      </div>
    </dialog>
  )
}
