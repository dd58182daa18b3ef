import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { BrowserContext, BrowserContextOptions, FileChooser, Locator, Page } from 'playwright-core'

export interface FilePayload {
  name: string
  mimeType: string
  buffer: Buffer
}

/** What makes browser profiles. */
export interface Browsers {
  newContext(options: BrowserContextOptions): Promise<BrowserContext>
}

/** How the page is looked at: on what screen, in which language and light. */
export type Look = BrowserContextOptions

export const phone: Look = {
  viewport: { width: 390, height: 760 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
}

export interface VisitOptions {
  url: string
  /** The only ones that the page may ask. */
  origins: string[]
  look?: Look | undefined
}

/** One person's visit to the page, in a browser profile of its own; keeps what the browser complains about. */
export class Visit {
  readonly page: Page
  readonly #context: BrowserContext
  readonly #origins: string[]
  readonly #complaints: string[] = []
  readonly #asked = new Set<string>()

  private constructor(context: BrowserContext, page: Page, origins: string[]) {
    this.#context = context
    this.#origins = origins
    this.page = page
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => this.#complaints.push(`thrown: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (/^https?:/.test(request.url())) this.#asked.add(new URL(request.url()).origin)
    })
  }

  static async begin(browsers: Browsers, { url, origins, look = {} }: VisitOptions): Promise<Visit> {
    const context = await browsers.newContext({ locale: 'en-GB', ...look })
    await context.addInitScript(
      "addEventListener('securitypolicyviolation', (event) => console.error('forbidden by CSP: ' + event.violatedDirective))",
    )
    // Playwright cannot answer Chromium's newer chooser; without it the page does as in Firefox and Safari.
    await context.addInitScript('delete window.showOpenFilePicker')
    const visit = new Visit(context, await context.newPage(), origins)
    await visit.page.goto(url)
    return visit
  }

  /** The file's entry in the list. */
  entry(filename: string): Locator {
    return this.page.getByRole('listitem').filter({ has: this.page.getByText(filename, { exact: true }) })
  }

  /** Its row's link, to the page with all about it. */
  link(filename: string): Locator {
    return this.page.getByRole('link', { name: filename, exact: true })
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email)
    await this.page.getByLabel('Password').fill(password)
    await this.button('Sign in').click()
  }

  /** Waits for the list of files: the visitor is signed in. */
  async isSignedIn(): Promise<void> {
    await this.page.getByRole('heading', { name: 'Your files' }).waitFor()
  }

  /** Waits for the page of this job. */
  async isOnJob(filename: string): Promise<void> {
    await this.page.getByRole('heading', { name: filename, exact: true }).waitFor()
  }

  /** Waits until this is true in the page, whose policy has no code but its own wait for it. */
  async until(condition: string): Promise<void> {
    const deadline = performance.now() + 20_000
    while ((await this.page.evaluate(condition)) !== true) {
      assert.ok(performance.now() < deadline, `It has not come true: ${condition}`)
      await delay(25)
    }
  }

  async isReady(filename: string): Promise<void> {
    await this.entry(filename).getByText('Ready', { exact: true }).waitFor()
  }

  /** Files' paths, or what is in them. */
  async pick(...files: string[] | FilePayload[]): Promise<void> {
    const chooser = await this.choosing(this.button('Choose files'))
    assert.ok(chooser.isMultiple())
    await chooser.setFiles(files)
  }

  /** What opens when this is clicked. */
  async choosing(button: Locator): Promise<FileChooser> {
    const opening = this.page.waitForEvent('filechooser')
    await button.click()
    return opening
  }

  /** Ends the visit. Nothing may have been complained about but what is expected, and no stranger been asked. */
  async end(expected: RegExp[] = []): Promise<void> {
    await this.#context.close()
    const unexpected = this.#complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))
    assert.deepEqual(unexpected, [])
    for (const origin of this.#asked) assert.ok(this.#origins.includes(origin), `the page asked ${origin}`)
  }
}
