import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import type { Level } from '../../lib/tiers/levels.ts'
import type { Client } from '../client.ts'
import { unavailable, type TestServer } from '../server.ts'
import { answer, openPage, type OpenPage } from './open-page.ts'
import { goTo, visitAt } from './sample.ts'
import type { Visit } from './visit.ts'

describe(
  'The levels, as administrators have them in the page',
  { skip: unavailable, timeout: 180_000 },
  () => {
    let opened: OpenPage
    let server: TestServer
    let client: Client
    let visit: Visit
    let page: Page
    let expected: RegExp[] = []

    before(async () => {
      opened = await openPage()
      ;({ server, client } = opened)
    })
    after(() => opened?.close())
    afterEach(async () => {
      await visit.end(expected)
      expected = []
    })

    async function open(token: string, address: string): Promise<void> {
      visit = await visitAt(opened, token, address)
      ;({ page } = visit)
    }

    const levels = async (): Promise<Level[]> => (await client.json<{ levels: Level[] }>('/levels')).levels
    const openLevels = async (): Promise<void> => {
      await open(server.token, 'tiers')
      await page.locator('.levels').waitFor()
    }
    const mistakes = (): Locator => page.locator('.mistake')

    it('say what is wrong as it is typed, and are not saved while anything is', async () => {
      await openLevels()
      const before = await levels()
      const wrong: [field: string, text: string, mistake: string][] = [
        ['Count from: silver', '1001', 'Must be 1000: no level has the counts before it'],
        ['Count from: silver', '999', 'Must be 1000: it overlaps with the level before'],
        ['Count from: silver', 'many', 'A whole number, 0 or more'],
        ['Count to: gold', '1', 'Less than where it begins'],
        ['Name: gold', 'silver', 'This name is there twice'],
        ['Name: gold', 'Gold!', '1 to 32 of a–z, 0–9 and dash, not beginning with a dash'],
      ]
      for (const [field, text, mistake] of wrong) {
        const input = page.getByLabel(field)
        await input.fill(text)
        await mistakes()
          .getByText(mistake)
          .or(mistakes().filter({ hasText: mistake }))
          .first()
          .waitFor()
        await page.locator('[aria-invalid=true]').waitFor()
        assert.ok(await visit.button('Save').isDisabled(), mistake)
        await visit.button('Undo changes').click()
        await mistakes().waitFor({ state: 'detached' })
        assert.ok(await visit.button('Save').isEnabled())
      }
      assert.deepEqual(await levels(), before)
    })

    it('are added, removed and saved', async () => {
      await openLevels()
      await visit.button('Add a level').click()
      await page.getByLabel('Name: new level').fill('platinum')
      assert.equal(await page.getByLabel('Count from: platinum').inputValue(), '3000')
      await page.getByLabel('Kept in: bronze').selectOption('ARCHIVE')
      await visit.button('Save').click()
      await page.getByText('Saved.').waitFor()
      const saved = await levels()
      assert.deepEqual(saved.at(-1), {
        name: 'platinum',
        minCount: 3000,
        maxCount: 3999,
        storageClass: 'STANDARD',
      })
      assert.equal(saved[0]?.storageClass, 'ARCHIVE')

      await visit.button('Remove platinum').click()
      await visit.button('Save').click()
      await page.getByText('Saved.').waitFor()
      assert.equal((await levels()).length, 3)
      await page.reload()
      await page.locator('.levels').waitFor()
      assert.equal(await page.locator('.levels tbody tr').count(), 3)
      assert.equal(await page.getByLabel('Kept in: bronze').inputValue(), 'ARCHIVE')
    })

    it('are not saved where the server sees what the page does not', async () => {
      await openLevels()
      expected = [/status of 422/]
      await page.route(`${server.apiUrl}/levels`, (route) =>
        route.request().method() === 'PUT'
          ? answer(route, opened, 422, { code: 'UNPROCESSABLE', detail: 'Only the server knows why.' })
          : route.fallback(),
      )
      await page.getByLabel('Name: gold').fill('golden')
      await visit.button('Save').click()
      await page.getByRole('alert').getByText('Only the server knows why.').waitFor()
      assert.equal(await page.getByLabel('Name: golden').inputValue(), 'golden')
      assert.ok((await levels()).every(({ name }) => name !== 'golden'))
    })

    it('come with what each class keeps, and what that costs', async () => {
      await open(server.token, '')
      const use = (level: string, storageClass: string, objects: number, costPerMonth: number) => ({
        ...{ level, storageClass, objects, costPerMonth },
        bytes: objects * 1_000_000,
      })
      await page.route(`${server.apiUrl}/levels/report`, (route) =>
        answer(route, opened, 200, {
          levels: [
            use('bronze', 'COLDLINE', 1200, 0.5),
            use('silver', 'COLDLINE', 300, 0.25),
            use('gold', 'STANDARD', 600, 1.5),
          ],
          moves: { count: 25, fees: 0.00042, savesPerMonth: 0.95, savedSoFar: 0.3119 },
        }),
      )
      await goTo(page, 'tiers')
      const chart = async (name: string): Promise<(string | null)[][]> => {
        const rows = await page.getByRole('table', { name, exact: true }).locator('tr').all()
        return Promise.all(
          rows.map(async (row) => [
            await row.locator('.value').textContent(),
            await row.locator('rect').getAttribute('width'),
          ]),
        )
      }
      await page.locator('.charts').waitFor()
      const nothing = (text: string): string[] => [text, '0%']
      assert.deepEqual(await chart('Objects'), [
        ['600', '40%'],
        nothing('0'),
        ['1,500', '100%'],
        nothing('0'),
      ])
      assert.deepEqual(await chart('Size'), [
        ['600 MB', '40%'],
        nothing('0 bytes'),
        ['1.5 GB', '100%'],
        nothing('0 bytes'),
      ])
      assert.deepEqual(await chart('US$ a month'), [
        ['$1.50', '100%'],
        nothing('$0.00'),
        ['$0.75', '50%'],
        nothing('$0.00'),
      ])
      await page.getByText('25 objects were moved, for fees of $0.00042.').waitFor()
    })

    it('are saved by the button that says so only once they have changed', async () => {
      await openLevels()
      const primary = page.locator('button.primary', { hasText: 'Save' })
      assert.equal(await primary.count(), 0)
      await page.getByLabel('Count to: gold').fill('3999')
      await primary.waitFor()
      await visit.button('Undo changes').click()
      await primary.waitFor({ state: 'detached' })
    })

    it('are left only by those who say so, as long as they are not saved', async () => {
      await openLevels()
      const asked: string[] = []
      const answers = [false, true]
      page.on('dialog', (dialog) => {
        asked.push(dialog.message())
        void (answers.shift() ? dialog.accept() : dialog.dismiss())
      })
      await page.getByLabel('Name: gold').fill('golden')
      const users = page.getByRole('link', { name: 'Users' })
      await users.click()
      assert.equal(await page.getByLabel('Name: golden').inputValue(), 'golden')
      assert.ok(await page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))"))
      await users.click()
      await page.getByRole('heading', { name: 'Users' }).waitFor()
      const question = 'The levels are not saved. Leave all the same?'
      assert.deepEqual(asked, [question, question])

      await goTo(page, 'tiers')
      await page.getByLabel('Name: gold').fill('golden')
      await visit.button('Undo changes').click()
      await users.click()
      await page.getByRole('heading', { name: 'Users' }).waitFor()
      assert.equal(asked.length, 2)
    })

    it('come with bars that are equally long where they say the same, and anew once levels are saved', async () => {
      await open(server.token, '')
      let objects = 1
      await page.route(`${server.apiUrl}/levels/report`, (route) =>
        answer(route, opened, 200, {
          levels: [{ level: 'gold', storageClass: 'STANDARD', objects, bytes: 1e9, costPerMonth: 123.45 }],
          moves: { count: 0, fees: 0, savesPerMonth: 0, savedSoFar: 0 },
        }),
      )
      await goTo(page, 'tiers')
      await page.locator('.charts').waitFor()
      const lengths = await page.evaluate<number[]>(
        'Array.from(document.querySelectorAll(\'.chart rect[width="100%"]\'), (bar) => bar.getBoundingClientRect().width)',
      )
      assert.equal(lengths.length, 3)
      for (const length of lengths)
        assert.ok(length > 50 && Math.abs(length - (lengths[0] ?? 0)) < 1, String(lengths))
      objects = 1234
      await page.getByLabel('Count to: gold').fill('4000')
      await visit.button('Save').click()
      await page.getByRole('table', { name: 'Objects' }).getByText('1,234').waitFor()
    })
  },
)
