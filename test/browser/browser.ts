import type { Browser, BrowserContext, BrowserContextOptions, LaunchOptions } from 'playwright-core'
import { chromium as playwright } from 'playwright-core'

/** The first takes CORS away, the second the walls between browser contexts (they would share localStorage). */
const unwanted = ['--disable-web-security', '--single-process']

/** The package draws through a GPU that it emulates: a tenth of the CPU time of these tests went there. */
const emulation = ['--use-gl=angle', '--use-angle=swiftshader', '--ignore-gpu-blocklist', '--in-process-gpu']

/** A headless Chromium that comes with the npm packages. */
export const launchBrowser = async (): Promise<Browser> => playwright.launch(await howToLaunch())

/**
 * The same with one profile on disk, which is gone when its context is closed. One in memory cannot give files back that it was
 * to remember: Chromium crashes.
 */
export const launchProfile = async (options: BrowserContextOptions): Promise<BrowserContext> =>
  playwright.launchPersistentContext('', { ...options, ...(await howToLaunch()) })

/**
 * `AWS_LAMBDA_JS_RUNTIME`, which is read at import, makes the package bring its system libraries too: a bare machine has none.
 */
async function howToLaunch(): Promise<LaunchOptions> {
  process.env['AWS_LAMBDA_JS_RUNTIME'] ??= 'nodejs24.x'
  const { default: chromium } = await import('@sparticuz/chromium')
  const args = chromium.args.filter((arg) => ![...unwanted, ...emulation].includes(arg))
  return { args: [...args, '--disable-gpu'], executablePath: await chromium.executablePath(), headless: true }
}
