import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { newEmail, signUp, userPassword } from '../accounts.ts'
import type { Client } from '../client.ts'
import { unavailable, type TestServer } from '../server.ts'
import { answer, openPage, type OpenPage } from './open-page.ts'
import { goTo, visitAt } from './sample.ts'
import type { Visit } from './visit.ts'

describe(
  'The users, as administrators have them in the page',
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

    it('and the levels are shown to administrators only', async () => {
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

    describe('of everybody', () => {
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
            ? answer(route, opened, 503, { code: 'UNAVAILABLE', detail: 'Not now.' })
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
          return answer(route, opened, 503, { status: 503, code: 'UNAVAILABLE', detail: 'Not now.' })
        })
        await goTo(page, 'users')
        await page.getByText('Loading…').waitFor()
        held.resolve(undefined)
        await page.getByRole('alert').getByText('Not now.').waitFor()
        await visit.button('Try again').click()
        await row(server.email).waitFor()
      })
    })
  },
)
