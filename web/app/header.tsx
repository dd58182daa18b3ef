import { LanguageChoice } from '../i18n/language-choice.tsx'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { Brand } from './brand.tsx'
import { sectionAddress, sections, type Section } from './route.ts'
import { SignOut } from './sign-out.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  section: Section
}

const forEverybody: readonly Section[] = ['files', 'account']

export function Header({ tapedeck, section }: Props) {
  const text = useText(appText)
  const { email = '', role } = useStore(tapedeck.account) ?? {}
  const shown = role === 'admin' ? sections : forEverybody
  return (
    <header class="top">
      <Brand />
      <nav aria-label={text.navigation}>
        {shown.map((each) => (
          <a key={each} href={sectionAddress(each)} aria-current={each === section ? 'page' : undefined}>
            {text.sections[each]}
          </a>
        ))}
      </nav>
      <span class="account" title={email}>
        {email}
      </span>
      <LanguageChoice />
      <SignOut tapedeck={tapedeck} />
    </header>
  )
}
