import { LanguageChoice } from '../i18n/language-choice.tsx'
import { useText } from '../i18n/language.ts'
import { RefuseDrops } from '../uploads/refuse-drops.ts'
import { Brand } from './brand.tsx'
import { useTitle } from './heading.tsx'
import { SignInForm } from './sign-in-form.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  /** Why the last session ended. */
  reason: Error | undefined
}

export function SignIn({ tapedeck, reason }: Props) {
  const text = useText(appText)
  useTitle(text.signIn)
  return (
    <main class="sign-in">
      <Brand />
      <p class="quiet">{text.claim}</p>
      <SignInForm class="panel" tapedeck={tapedeck} reason={reason} />
      <LanguageChoice />
      <RefuseDrops />
    </main>
  )
}
