import type { Browser } from 'playwright-core'
import { chromium as playwright } from 'playwright-core'

/** The first takes CORS away, the second the walls between browser contexts (they would share localStorage). */
const unwanted = ['--disable-web-security', '--single-process']

/**
 * A headless Chromium that comes with the npm packages. `AWS_LAMBDA_JS_RUNTIME`, which is read at import, makes the
 * package bring its system libraries too: a bare machine has none.
 */
export async function launchBrowser(): Promise<Browser> {
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  const args = chromium.args.filter((arg) => !unwanted.includes(arg))
  return playwright.launch({ args, executablePath: await chromium.executablePath(), headless: true })
}
