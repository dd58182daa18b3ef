import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Locator, Page, Route } from 'playwright-core'
import type { Level } from '../../lib/tiers/levels.ts'
import { newEmail, signUp, userPassword } from '../accounts.ts'
import type { Client } from '../client.ts'
import { unavailable, type TestServer } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'
import { goTo } from './sample.ts'
import type { Visit } from './visit.ts'

describe('What administrators have in the page', { skip: unavailable, timeout: 180_000 }, () => {
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
    visit = await opened.visit(`#token=${token}`)
    ;({ page } = visit)
    await page.getByRole('navigation').waitFor()
    await goTo(page, address)
  }

  /** What the server does not really say. */
  const answer = (route: Route, status: number, json: unknown): Promise<void> =>
    route.fulfill({ status, json, headers: { 'access-control-allow-origin': opened.origin } })

  describe('of the levels', () => {
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
          ? answer(route, 422, { code: 'UNPROCESSABLE', detail: 'Only the server knows why.' })
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
        answer(route, 200, {
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
  })

  it('of everybody are shown to administrators only', async () => {
    const { token } = await signUp(client)
    await open(token, '')
    await page.getByRole('link', { name: 'Account' }).waitFor()
    for (const address of ['tiers', 'users']) {
      await goTo(page, address)
      await page.getByText('Only administrators can see this.').waitFor()
    }
    assert.deepEqual(await page.getByRole('navigation').getByRole('link').allTextContents(), [
      'Files',
      'Account',
    ])
  })

  describe('of the users', () => {
    const row = (email: string): Locator => page.getByRole('row').filter({ hasText: email })
    const limit = (name: string): Locator => page.getByRole('combobox', { name, exact: true })
    const create = async (email: string): Promise<void> => {
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password').fill(userPassword)
      await visit.button('Create').click()
    }

    it('have new ones, but not with an address that is taken', async () => {
      const email = newEmail()
      await open(server.token, 'users')
      await create(email)
      await row(email).waitFor()
      assert.equal(await page.getByLabel('E-mail').inputValue(), '')
      expected = [/status of 409/]
      await create(email)
      await page.getByRole('alert').getByText(email).waitFor()
      assert.equal(await page.getByLabel('E-mail').inputValue(), email)
      await page.getByRole('heading', { name: /^\d+ accounts$/ }).waitFor()
    })

    it('disable and enable others, but not oneself', async () => {
      const { email, token } = await signUp(client)
      await open(server.token, 'users')
      await visit.button(`Disable ${email}`).click()
      await row(email).getByText('disabled').waitFor()
      const refused = await client.fetch('/auth/me', { headers: { authorization: `Bearer ${token}` } })
      assert.equal(refused.status, 401)
      await visit.button(`Enable ${email}`).click()
      await visit.button(`Disable ${email}`).waitFor()
      assert.equal(await row(server.email).getByRole('button', { name: /able/ }).count(), 0)
    })

    it('get limits of their own, of which what is wrong is said as it is typed', async () => {
      const { email, id } = await signUp(client)
      const quota = async (): Promise<unknown> => {
        const { users } = await client.json<{ users: { id: string; quota?: unknown }[] }>(
          '/auth/users?limit=100',
        )
        return users.find((user) => user.id === id)?.quota
      }
      await open(server.token, 'users')
      await row(email).getByText('Default').waitFor()
      await visit.button(`Limits of ${email}`).click()
      await limit('Storage').selectOption('At most')
      await page.getByText('A size such as 500 MB or 1.5 TB').waitFor()
      assert.ok(await visit.button('Save').isDisabled())
      await page.getByLabel('Storage: At most').fill('1.5 TB')
      await limit('Jobs at once').selectOption('At most')
      await page.getByLabel('Jobs at once: At most').fill('1.5')
      await page.locator('[aria-invalid=true]').waitFor()
      await page.getByText('A whole number, 1 or more').waitFor()
      await page.getByLabel('Jobs at once: At most').fill('3')
      await limit('Size of a file').selectOption('No limit')
      await visit.button('Save').click()
      await row(email).getByText('Storage: 1.5 TB').waitFor()
      await row(email).getByText('Jobs at once: 3').waitFor()
      await row(email).getByText('Size of a file: No limit').waitFor()
      assert.deepEqual(await quota(), { storedBytes: 1.5e12, jobs: 3, fileBytes: 'unlimited' })

      await visit.button(`Limits of ${email}`).click()
      assert.equal(await page.getByLabel('Storage: At most').inputValue(), '1.5 TB')
      for (const name of ['Storage', 'Jobs at once', 'Size of a file'])
        await limit(name).selectOption('Default')
      await page.keyboard.press('Escape')
      await visit.button(`Limits of ${email}`).click()
      for (const name of ['Storage', 'Jobs at once']) await limit(name).selectOption('Default')
      await visit.button('Save').click()
      await row(email).getByText('Jobs at once: 3').waitFor({ state: 'detached' })
      assert.deepEqual(await quota(), { fileBytes: 'unlimited' })
    })

    it('keep what was typed of limits that the server refuses', async () => {
      const { email } = await signUp(client)
      await open(server.token, 'users')
      expected = [/status of 503/]
      await page.route(`${server.apiUrl}/auth/users/*`, (route) =>
        route.request().method() === 'PATCH'
          ? answer(route, 503, { code: 'UNAVAILABLE', detail: 'Not now.' })
          : route.fallback(),
      )
      await visit.button(`Limits of ${email}`).click()
      await limit('Storage').selectOption('At most')
      await page.getByLabel('Storage: At most').fill('2 GB')
      await visit.button('Save').click()
      await page.getByRole('dialog').getByRole('alert').getByText('Not now.').waitFor()
      assert.equal(await page.getByLabel('Storage: At most').inputValue(), '2 GB')
    })

    it('say that they are being loaded, or why they cannot be, and load again', async () => {
      await open(server.token, '')
      expected = [/status of 503/]
      let asked = 0
      const held = Promise.withResolvers<undefined>()
      await page.route(`${server.apiUrl}/auth/users?**`, async (route) => {
        asked += 1
        if (asked > 1) return route.continue()
        await held.promise
        return answer(route, 503, { status: 503, code: 'UNAVAILABLE', detail: 'Not now.' })
      })
      await goTo(page, 'users')
      await page.getByText('Loading…').waitFor()
      held.resolve(undefined)
      await page.getByRole('alert').getByText('Not now.').waitFor()
      await visit.button('Try again').click()
      await row(server.email).waitFor()
    })
  })
})
