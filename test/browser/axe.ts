import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Results {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]
}

const desk = { width: 1100, height: 800 }
export const narrow = { width: 360, height: 740 }

/** What axe-core finds on the page as it is: on a phone and, unless once is enough, on a desk, in the light and in the dark. */
export async function violationsOf(page: Page, everywhere = true): Promise<string[]> {
  // Not a script of the page's own, whose policy would forbid it.
  await page.evaluate(`globalThis.axe ?? (() => { ${source} })()`)
  const found: string[] = []
  for (const [screen, size] of Object.entries(everywhere ? { desk, narrow } : { narrow })) {
    await page.setViewportSize(size)
    for (const colorScheme of everywhere ? (['light', 'dark'] as const) : (['light'] as const)) {
      await page.emulateMedia({ colorScheme })
      const only = colorScheme === 'dark' ? `{ runOnly: ['color-contrast'] }` : '{}'
      const { violations } = await page.evaluate<Results>(`axe.run(document, ${only})`)
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
