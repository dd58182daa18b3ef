import { render } from 'preact'
import { App } from './app/app.tsx'
import { errorMessage } from './api/api.ts'
import { openTapedeck } from './app/tapedeck.ts'

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
      The page cannot start. {errorMessage(error)} Load it again.
    </p>,
    root,
  )
}
