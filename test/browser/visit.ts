import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

/** Pixels. */
export interface ScreenSize {
  width: number
  height: number
}

export interface VisitOptions {
  url: string
  /** The only ones that the page may ask. */
  origins: string[]
  size?: ScreenSize | undefined
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

  static async begin(browser: Browser, { url, origins, size }: VisitOptions): Promise<Visit> {
    const context = await browser.newContext(size && { viewport: size })
    await context.addInitScript(
      "addEventListener('securitypolicyviolation', (event) => console.error('forbidden by CSP: ' + event.violatedDirective))",
    )
    const visit = new Visit(context, await context.newPage(), origins)
    await visit.page.goto(url)
    return visit
  }

  /** The file's entry in the list. */
  entry(filename: string): Locator {
    return this.page.getByRole('listitem').filter({ has: this.page.getByText(filename, { exact: true }) })
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

  async isReady(filename: string): Promise<void> {
    await this.entry(filename).getByText('Ready', { exact: true }).waitFor()
  }

  /** A file's path, or what is in it. */
  async pick(file: { name: string; mimeType: string; buffer: Buffer } | string): Promise<void> {
    const choosing = this.page.waitForEvent('filechooser')
    await this.button('Choose files').click()
    const chooser = await choosing
    assert.ok(chooser.isMultiple())
    await chooser.setFiles(file)
  }

  /** Ends the visit. Nothing may have been complained about but what is expected, and no stranger been asked. */
  async end(expected: RegExp[] = []): Promise<void> {
    await this.#context.close()
    const unexpected = this.#complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))
    assert.deepEqual(unexpected, [])
    for (const origin of this.#asked) assert.ok(this.#origins.includes(origin), `the page asked ${origin}`)
  }
}
