import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { PasswordHash } from '../../lib/users.ts'
import { hashPassword, verifyPassword } from './passwords.ts'

describe('A password', () => {
  let stored: PasswordHash
  before(async () => {
    stored = await hashPassword('correct horse')
  })

  it('is kept as an argon2id hash, with a salt of its own', async () => {
    const { salt, hash, ...parameters } = stored
    assert.deepEqual(parameters, { algorithm: 'argon2id', memory: 65536, passes: 3, parallelism: 4 })
    assert.equal(Buffer.from(salt, 'base64').length, 16)
    assert.equal(Buffer.from(hash, 'base64').length, 32)
    const again = await hashPassword('correct horse')
    assert.notEqual(again.salt, salt)
    assert.notEqual(again.hash, hash)
  })

  it('is recognized, and no other', async () => {
    assert.equal(await verifyPassword('correct horse', stored), true)
    for (const wrong of ['', 'correct hors', 'correct horse ', 'Correct horse']) {
      assert.equal(await verifyPassword(wrong, stored), false, wrong)
    }
  })

  it('is the same however its characters were typed', async () => {
    const composed = await hashPassword('caf\u00e9')
    assert.equal(await verifyPassword('cafe\u0301', composed), true)
  })

  it('of nobody is never right', async () => {
    assert.equal(await verifyPassword('correct horse', undefined), false)
    assert.equal(await verifyPassword('', undefined), false)
  })

  it('is verified with the parameters that it was hashed with, also once others are the rule', async () => {
    const salt = stored.salt
    const old: PasswordHash = {
      algorithm: 'argon2id',
      memory: 8192,
      passes: 1,
      parallelism: 1,
      salt,
      hash: '',
    }
    assert.equal(await verifyPassword('correct horse', { ...stored, ...old, hash: stored.hash }), false)
  })
})
