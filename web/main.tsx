import { render } from 'preact'
import { errorText } from './api/error-text.ts'
import { PageError } from './api/errors.ts'
import { fetchOrFail } from './api/requests.ts'
import { App } from './app/app.tsx'
import { keepFocus } from './app/focus.ts'
import { openTapedeck } from './app/tapedeck.ts'
import { appText } from './app/text.ts'
import { language } from './i18n/language.ts'

const root = document.querySelector('#app') ?? document.body

keepFocus(root)
document.documentElement.lang = language.get()

try {
  render(<App tapedeck={openTapedeck(await readApiUrl())} />, root)
} catch (error) {
  render(
    <p class="notice error" role="alert">
      {appText[language.get()].cannotStart(errorText(error, language.get()))}
    </p>,
    root,
  )
}

async function readApiUrl(): Promise<string> {
  const response = await fetchOrFail('./config.json', {})
  try {
    // Written by whoever serves the page.
    const { apiUrl } = (await response.json()) as { apiUrl: string }
    return apiUrl
  } catch (error) {
    throw new PageError('NO_SETTINGS', { cause: error })
  }
}
