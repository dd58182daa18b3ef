import { render } from 'preact'
import { errorText } from './api/error-text.ts'
import { App } from './app/app.tsx'
import { keepFocus } from './app/focus.ts'
import { openTapedeck } from './app/tapedeck.ts'
import { appText } from './app/text.ts'
import { language } from './i18n/language.ts'

const root = document.querySelector('#app') ?? document.body

keepFocus(root)
document.documentElement.lang = language.get()

try {
  const response = await fetch('./config.json')
  if (!response.ok) throw new Error(`config.json cannot be read: status ${response.status}.`)
  // Written by whoever serves the page.
  const { apiUrl } = (await response.json()) as { apiUrl: string }
  render(<App tapedeck={openTapedeck(apiUrl)} />, root)
} catch (error) {
  render(
    <p class="notice error" role="alert">
      {appText[language.get()].cannotStart(errorText(error, language.get()))}
    </p>,
    root,
  )
}
