import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { userId, users } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { updateAccount } from './accounts.ts'

const idOf = (name: string): string => userId(`${name}@example.com`)

describe('Two administrators who disable each other', () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    ;({ local, close } = await openLocal('accounts'))
    for (const name of ['one', 'two']) await writeAdmin(name)
  })
  after(() => close())

  async function writeAdmin(name: string): Promise<void> {
    const user = { ...somebody, email: `${name}@example.com`, role: 'admin' } as const
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, idOf(name), user))
  }
  const isDisabled = async (name: string): Promise<boolean | undefined> =>
    (await (await local.records()).get(users, idOf(name))).data?.disabled

  /** A call whose token was valid a moment ago. */
  function call(by: string, whom: string): UserCall {
    const req = new IncomingMessage(new Socket())
    req.headers['content-type'] = 'application/json'
    req.push('{"disabled":true}')
    req.push(null)
    return {
      req,
      res: new ServerResponse(req),
      url: new URL('http://function/'),
      params: { id: idOf(whom) },
      user: { id: idOf(by), email: `${by}@example.com`, role: 'admin' },
    }
  }

  it('do not both succeed: somebody has to be left who can enable them', async () => {
    const answers = await Promise.allSettled([
      updateAccount(call('one', 'two')),
      updateAccount(call('two', 'one')),
    ])
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    assert.deepEqual(
      refusals.map((error) => error instanceof Problem && error.code),
      ['FORBIDDEN'],
    )
    assert.equal([await isDisabled('one'), await isDisabled('two')].filter(Boolean).length, 1)
  })
})
