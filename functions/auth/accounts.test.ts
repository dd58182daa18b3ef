import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { userId, users, type UserRecord } from '../../lib/users.ts'
import { localPlatform, type LocalPlatform } from '../../platform/local/platform.ts'
import { updateAccount } from './accounts.ts'

const idOf = (name: string): string => userId(`${name}@example.com`)

describe('Two administrators who disable each other', () => {
  let folder: string
  let local: LocalPlatform
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-accounts-'))
    process.env['DATA_DIR'] = folder
    local = await localPlatform()
    for (const name of ['one', 'two']) await writeAdmin(name)
  })
  after(async () => {
    await local.close()
    await rm(folder, { recursive: true })
  })

  async function writeAdmin(name: string): Promise<void> {
    const password = {
      algorithm: 'argon2id',
      memory: 8,
      passes: 1,
      parallelism: 1,
      salt: '',
      hash: '',
    } as const
    const email = `${name}@example.com`
    const user: UserRecord = { email, role: 'admin', password, disabled: false, createdAt: new Date() }
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
