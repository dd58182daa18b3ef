import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { signUp, userPassword, type User } from '../accounts.ts'
import type { Client } from '../client.ts'
import { makeVideo } from '../media.ts'
import { readSettings } from '../notifications.ts'
import { unavailable, type TestServer } from '../server.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../webhook-receiver.ts'
import { answer, openPage, type OpenPage } from './open-page.ts'
import { goTo, visitAt } from './sample.ts'
import type { Visit } from './visit.ts'

describe('The account, in the page', { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let client: Client
  let receiver: WebhookReceiver
  let visit: Visit
  let page: Page
  let expected: RegExp[] = []

  before(async () => {
    receiver = await startWebhookReceiver((_, res) => res.writeHead(204).end())
    opened = await openPage({ WEBHOOK_ALLOW_PRIVATE: '1', SWEEP_SECONDS: '0.5' })
    ;({ server, client } = opened)
  })
  after(async () => {
    await opened?.close()
    await receiver?.close()
  })
  afterEach(async () => {
    await visit.end(expected)
    expected = []
  })

  describe('One signs in', () => {
    async function openSignIn(address = ''): Promise<void> {
      visit = await opened.visit(address)
      ;({ page } = visit)
    }

    it('with e-mail and password', async () => {
      await openSignIn()
      await visit.signIn(server.email, server.password)
      await visit.isSignedIn()
      await page.getByText(server.email).waitFor()
    })

    it('or is told why one cannot, and tries again', async () => {
      await openSignIn()
      expected = [/status of 401/]
      await visit.signIn(server.email, 'wrong password')
      const alert = page.getByRole('alert')
      await alert.getByText('There is no account with this e-mail and this password.').waitFor()
      assert.equal(await page.getByLabel('E-mail').inputValue(), server.email)
      await visit.signIn(server.email, server.password)
      await visit.isSignedIn()
    })

    it('with the keyboard alone', async () => {
      await openSignIn()
      await page.locator('input[name=email]:focus').waitFor()
      await page.keyboard.type(server.email)
      await page.keyboard.press('Tab')
      await page.keyboard.type(server.password)
      await page.keyboard.press('Enter')
      await visit.isSignedIn()
    })

    it('by a link, whose token leaves the address at once', async () => {
      await openSignIn(`#token=${server.token}`)
      await visit.isSignedIn()
      assert.equal(page.url(), `${opened.origin}/`)
      await page.goBack()
      assert.doesNotMatch(page.url(), /token/)
    })

    it('by a link that is no good: back to the form, with the reason', async () => {
      await openSignIn('#token=a.b.c')
      expected = [/status of 401/]
      await page.getByRole('alert').getByText('The token is not valid: sign in again.').waitFor()
      assert.equal(page.url(), `${opened.origin}/`)
    })

    it('until one signs out', async () => {
      await openSignIn(`#token=${server.token}`)
      await visit.isSignedIn()
      await page.reload()
      await visit.isSignedIn()
      await visit.button('Sign out').click()
      await visit.button('Sign in').waitFor()
      await page.reload()
      await visit.button('Sign in').waitFor()
    })
  })

  let user: User
  const openAccount = async (): Promise<void> => {
    user = await signUp(client)
    visit = await visitAt(opened, user.token, 'account')
    ;({ page } = visit)
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
  }
  const changePassword = async (current: string, next: string): Promise<void> => {
    await page.getByLabel('Current password').fill(current)
    await page.getByLabel('New password').fill(next)
    await visit.button('Change').click()
  }
  const addWebhook = async (url: string): Promise<void> => {
    await page.getByLabel('Address of a new webhook').fill(url)
    await visit.button('Add').click()
  }

  it('change the password, if one knows the one so far, and everything goes on', async () => {
    await openAccount()
    expected = [/status of 403/]
    await changePassword('no such password', 'another long password')
    await page.getByRole('alert').getByText('The current password is wrong').waitFor()
    await changePassword(userPassword, 'another long password')
    await page.getByText('The password is changed.').waitFor()
    const refused = await user.fetch('/auth/me')
    assert.equal(refused.status, 401)

    await goTo(page, '')
    const buffer = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    await visit.pick({ name: 'afterwards.mp4', mimeType: 'video/mp4', buffer })
    await visit.isReady('afterwards.mp4')
    await page.reload()
    await visit.isReady('afterwards.mp4')
  })

  it('turn mail off and on, and say of a test how it went', async () => {
    await openAccount()
    const mail = page.getByRole('checkbox', { name: `Mail to ${user.email}` })
    for (const enabled of [false, true]) {
      const saved = page.waitForResponse((response) => response.request().method() === 'PUT')
      await mail.setChecked(enabled)
      await saved
      assert.equal((await readSettings(user)).mail.enabled, enabled)
    }
    await visit.button('Send a test mail').click()
    const told = 'E-mail: not sent. The mail server is not set up.'
    await page.getByRole('listitem').getByText(told).waitFor()
    // What is read aloud is this alone, not the whole list with it.
    await page.getByRole('status').getByText(told).waitFor()
    assert.equal(await page.locator('[role=status] li, [aria-live] li').count(), 0)
  })

  it('keep mail as it is where that cannot be changed', async () => {
    await openAccount()
    expected = [/status of 422/]
    await page.route(`${server.apiUrl}/auth/me/notifications`, (route) => {
      const json = { code: 'UNPROCESSABLE', detail: 'Only the server knows why.' }
      return route.request().method() === 'PUT' ? answer(route, opened, 422, json) : route.fallback()
    })
    await page.getByRole('checkbox').click()
    await page.getByRole('alert').getByText('Only the server knows why.').waitFor()
    assert.ok(await page.getByRole('checkbox').isChecked())
  })

  it('have webhooks, whose secrets are told once, and which can be tried', async () => {
    await openAccount()
    const url = `${receiver.url}/hook`
    await addWebhook(url)
    const secret = page.getByText('Its secret, which is shown only now:').locator('code')
    await secret.waitFor()
    const told = await secret.textContent()
    assert.equal(await page.getByLabel('Address of a new webhook').inputValue(), '')
    await visit.button(`Send a test to ${url}`).click()
    await page
      .getByRole('listitem')
      .getByText(new RegExp(`^Webhook ${url}: sent`))
      .waitFor()
    assert.equal(receiver.calls.at(-1)?.path, '/hook')
    // It stays while other things change.
    await addWebhook(`${receiver.url}/other`)
    await secret.nth(1).waitFor()
    assert.equal(await secret.first().textContent(), told)
    await page.reload()
    await page.getByText('What was sent lately').click()
    await page
      .getByRole('listitem')
      .getByText(new RegExp(`^Webhook ${url}: sent`))
      .waitFor()
    assert.equal(await secret.count(), 0)

    await visit.button(`Remove ${url}`).click()
    await visit.button(`Remove ${url}`).waitFor({ state: 'detached' })
    assert.deepEqual(
      (await readSettings(user)).webhooks.map((webhook) => webhook.url),
      [`${receiver.url}/other`],
    )
  })

  it('say what is wrong with the address of a webhook, and leave it to be changed', async () => {
    await openAccount()
    expected = [/status of 422/]
    await addWebhook('ftp://example.com/')
    await page.getByRole('alert').waitFor()
    assert.equal(await page.getByLabel('Address of a new webhook').inputValue(), 'ftp://example.com/')
    assert.deepEqual((await readSettings(user)).webhooks, [])
  })
})
