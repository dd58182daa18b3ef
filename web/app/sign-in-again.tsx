import { useLayoutEffect, useRef } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { SignInForm } from './sign-in-form.tsx'
import { SignOut } from './sign-out.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  /** Whose the page behind it is. */
  email: string
  /** Why the session ended. */
  reason: Error | undefined
}

/** The sign-in over a page whose session has ended: that stays, with all that is going on there, and cannot be used meanwhile. */
export function SignInAgain({ tapedeck, email, reason }: Props) {
  const text = useText(appText)
  const dialog = useRef<HTMLDialogElement>(null)
  // Before the form looks for the focus. Closed, rather than only removed, it gives that back.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      aria-labelledby="sign-in-again-title"
      aria-describedby="sign-in-again-text"
      onCancel={(event) => event.preventDefault()}
      // A browser may close it all the same when Escape is pressed twice.
      onClose={({ currentTarget }) => currentTarget.isConnected && currentTarget.showModal()}
    >
      <h2 id="sign-in-again-title">{text.signInAgain}</h2>
      <p id="sign-in-again-text" class="quiet">
        {text.goesOn(email)}
      </p>
      <SignInForm tapedeck={tapedeck} email={email} reason={reason} />
      <div class="actions">
        <SignOut tapedeck={tapedeck} />
      </div>
    </dialog>
  )
}
