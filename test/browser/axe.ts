import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Results {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]
}

/** These are off by default. */
const rules = { 'target-size': { enabled: true }, 'label-content-name-mismatch': { enabled: true } }

const desk = { width: 1100, height: 800 }
export const narrow = { width: 360, height: 740 }

/** What axe-core finds on the page as it is: on a desk and on a phone, in the light and, unless that is the same, in the dark. */
export async function violationsOf(page: Page, inTheDarkToo = true): Promise<string[]> {
  // Not a script of the page's own, whose policy would forbid it.
  await page.evaluate(`globalThis.axe ?? (() => { ${source} })()`)
  const found: string[] = []
  for (const [screen, size] of Object.entries({ desk, narrow })) {
    await page.setViewportSize(size)
    for (const colorScheme of inTheDarkToo ? (['light', 'dark'] as const) : (['light'] as const)) {
      await page.emulateMedia({ colorScheme })
      const options = colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : { rules }
      const { violations } = await page.evaluate<Results>(`axe.run(document, ${JSON.stringify(options)})`)
      for (const { id, help, nodes } of violations)
        for (const { html, failureSummary } of nodes)
          found.push(`${screen}, ${colorScheme}: ${id}: ${help}\n${html}\n${failureSummary}`)
    }
  }
  return found
}

/** By how many pixels the page is wider than the screen, and what makes it so. */
export async function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const wide = [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > clientWidth + 0.5)
    return wide.map((each) => each.outerHTML.slice(0, 200))
  })()`)
}

/** Buttons and fields that a finger would miss: less than 40 pixels high. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('button, select, input:not([type=checkbox]), summary')]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 40)
    .map((each) => each.outerHTML.slice(0, 200))`)
}
