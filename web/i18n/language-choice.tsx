import { useEffect } from 'preact/hooks'
import { useStore } from '../store.ts'
import { choose, isLanguage, language, languages } from './language.ts'

/** Lets one choose the page's language, and tells the browser which one it is in. */
export function LanguageChoice() {
  const chosen = useStore(language)
  useEffect(() => {
    document.documentElement.lang = chosen
  }, [chosen])

  return (
    <select
      class="language"
      // Whoever looks for it may not understand the language that the page is in.
      aria-label="Language / 언어"
      value={chosen}
      onChange={({ currentTarget: { value } }) => isLanguage(value) && choose(value)}
    >
      {Object.entries(languages).map(([tag, name]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  )
}
