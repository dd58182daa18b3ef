import { useState } from 'preact/hooks'
import { useText } from '../i18n/language.ts'
import { isGoing } from '../uploads/upload.ts'
import { Names, Question } from './question.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

/** Signs out, once it is clear that no upload is ended by mistake. */
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
        <Question
          title={text.askSignOut(names.length)}
          stay={text.stay}
          go={text.signOut}
          onClose={() => setNames([])}
          onGo={() => session.end()}
        >
          <Names of={names.map((name) => ({ name }))} />
          <p class="quiet">{text.endsHere}</p>
        </Question>
      )}
    </>
  )
}
