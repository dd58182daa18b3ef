import { render } from 'preact'
import { errorText } from './api/errors.ts'
import { App } from './app/app.tsx'
import { openTapedeck } from './app/tapedeck.ts'
import { appText } from './app/text.ts'
import { language } from './i18n/language.ts'

const root = document.querySelector('#app') ?? document.body

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
