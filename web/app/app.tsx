import { useStore } from '../store.ts'
import type { Tapedeck } from './tapedeck.ts'
import { Library } from '../jobs/library.tsx'
import { SignIn } from './sign-in.tsx'

export function App({ tapedeck }: { tapedeck: Tapedeck }) {
  const { token, reason } = useStore(tapedeck.session.state)
  if (token === undefined) return <SignIn tapedeck={tapedeck} reason={reason} />
  return <Library key={token} tapedeck={tapedeck} />
}
