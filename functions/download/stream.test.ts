import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, beforeEach, describe, it } from 'node:test'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import type { AccessMessage } from '../../lib/tiers/access.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { mp4Name, newJobId } from '../../lib/jobs/names.ts'
import { completed, enqueued } from '../../lib/jobs/testing.ts'
import { streamId, streams } from '../../lib/streams.ts'
import { keys, tokenAlgorithm, tokenIssuer, users, type UserRecord } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'

const bytes = Buffer.from('These are the bytes of an MP4.')

describe('A stream', { timeout: 10_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  let server: Server
  let url: string
  let key: CryptoKey
  let job: string

  before(async () => {
    ;({ local, close } = await openLocal('stream'))
    await import('./index.ts')
    server = getTestServer('download')
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A server that listens on a TCP port has an address of this shape.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const pair = await generateKeyPair(tokenAlgorithm)
    key = pair.privateKey
    const { kty = '', crv = '', x = '' } = await exportJWK(pair.publicKey)
    const records = await local.records()
    await records.transact(async (tx) => {
      tx.set(keys, 'key', { jwk: { kty, crv, x }, createdAt: new Date() })
    })
    for (const id of ['owner', 'other']) await putUser(id)
    await putUser('admin', { role: 'admin' })
  })
  after(async () => {
    server.close()
    server.closeAllConnections()
    await close()
  })
  beforeEach(async () => {
    job = await putJob()
  })

  async function putUser(id: string, rest: Partial<UserRecord> = {}): Promise<void> {
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, id, { ...somebody, ...rest }))
  }

  /** A job of the owner's with an MP4 in the bucket. */
  async function putJob(rest: Partial<Job> = {}): Promise<string> {
    const id = newJobId()
    const name = { bucket: 'target', name: mp4Name(id) }
    const objects = await local.objects()
    const { generation, size } = await objects.write(name, Readable.from([bytes]), {
      contentType: 'video/mp4',
    })
    const video = { ...name, generation, size }
    const records = await local.records()
    await records.transact(async (tx) => tx.set(jobs, id, { ...completed, owner: 'owner', video, ...rest }))
    return id
  }

  async function openAs(user: string, id: string): Promise<Response> {
    const token = await new SignJWT()
      .setProtectedHeader({ alg: tokenAlgorithm, kid: 'key' })
      .setSubject(user)
      .setIssuer(tokenIssuer)
      .setAudience(tokenIssuer)
      .setIssuedAt()
      .setExpirationTime('1 min')
      .sign(key)
    const headers = { authorization: `Bearer ${token}` }
    return fetch(`${url}/${id}/stream-token`, { method: 'POST', headers })
  }

  async function tokenOf(user: string, id = job): Promise<string> {
    const response = await openAs(user, id)
    assert.equal(response.status, 200)
    const { token, expiresIn } = (await response.json()) as { token: string; expiresIn: number }
    assert.equal(expiresIn, 300)
    return token
  }

  const play = (token: string, range = 'bytes=0-', id = job): Promise<Response> =>
    fetch(`${url}/${id}/stream?token=${token}`, { headers: { range }, redirect: 'manual' })

  const refused = async (asking: Promise<Response>, status: number, code: string): Promise<void> => {
    const response = await asking
    const body = (await response.json()) as { code: string }
    assert.deepEqual([response.status, body.code], [status, code])
  }

  it('plays for its owner and for an admin', async () => {
    for (const user of ['owner', 'admin']) {
      const response = await play(await tokenOf(user), 'bytes=6-8')
      assert.deepEqual([response.status, await response.text()], [206, 'are'])
      assert.equal(response.headers.get('content-range'), `bytes 6-8/${bytes.length}`)
    }
  })

  it("is not opened for somebody else's job", async () => {
    await refused(openAs('other', job), 404, 'NOT_FOUND')
  })

  it('is of one job alone', async () => {
    const token = await tokenOf('owner')
    await refused(play(token, undefined, await putJob()), 401, 'TOKEN_INVALID')
  })

  it('is told by its token, of which the store has no more than a hash', async () => {
    const token = await tokenOf('owner')
    await refused(play(streamId(token)), 401, 'TOKEN_INVALID')
    await refused(play(`${token.slice(0, -1)}_`), 401, 'TOKEN_INVALID')
    await refused(play(''), 401, 'TOKEN_INVALID')
    await refused(fetch(`${url}/${job}/stream`), 401, 'TOKEN_MISSING')
  })

  it('is over after five minutes by the clock of the store', async () => {
    const token = await tokenOf('owner')
    const records = await local.records()
    const { data, readAt } = await records.get(streams, streamId(token))
    assert.ok(data)
    const left = data.expiresAt.getTime() - readAt.getTime()
    assert.ok(left > 0 && left <= 300_000, `${left} ms are left`)
    await records.transact(async (tx) => tx.set(streams, streamId(token), { ...data, expiresAt: readAt }))
    await refused(play(token), 401, 'TOKEN_INVALID')
  })

  it('is over when its user is disabled', async () => {
    await putUser('former')
    const own = await putJob({ owner: 'former' })
    const token = await tokenOf('former', own)
    await putUser('former', { disabled: true })
    await refused(play(token, undefined, own), 401, 'TOKEN_INVALID')
  })

  it('is over when its user has a new password', async () => {
    await putUser('careful')
    const own = await putJob({ owner: 'careful' })
    const token = await tokenOf('careful', own)
    await putUser('careful', { tokenVersion: 1 })
    await refused(play(token, undefined, own), 401, 'TOKEN_INVALID')
  })

  it('is over when an admin is none any more', async () => {
    await putUser('chief', { role: 'admin' })
    const token = await tokenOf('chief')
    await putUser('chief')
    await refused(play(token), 404, 'NOT_FOUND')
  })

  it('is over when the job is deleted, or its MP4 gone', async () => {
    const token = await tokenOf('owner')
    const objects = await local.objects()
    await objects.delete({ bucket: 'target', name: mp4Name(job) })
    await refused(play(token), 404, 'NOT_FOUND')
    await refused(openAs('owner', job), 404, 'NOT_FOUND')
    const records = await local.records()
    await records.transact(async (tx) => tx.set(jobs, job, { ...completed, status: 'DELETED' }))
    await refused(play(token), 404, 'NOT_FOUND')
  })

  it('goes on, with the same tag, when the MP4 gets into another storage class', async () => {
    const token = await tokenOf('owner')
    const before = await play(token)
    const objects = await local.objects()
    await objects.rewrite({ bucket: 'target', name: mp4Name(job) }, { storageClass: 'ARCHIVE' })
    for (const now of [token, await tokenOf('owner')]) {
      const after = await play(now)
      assert.equal(after.headers.get('etag'), before.headers.get('etag'))
      assert.equal(await after.text(), bytes.toString())
    }
  })

  it('is one access, with as many requests as parts are asked for, and what they read', async ({ mock }) => {
    const { mock: published } = mock.method(await local.bus(), 'publish')
    const token = await tokenOf('owner')
    for (const range of ['bytes=0-3', 'bytes=4-', 'seconds=1']) await play(token, range)
    const told = published.calls.flatMap(({ arguments: [topic, data] }) => {
      const { accesses } = data as { accesses: AccessMessage[] }
      return accesses.map(({ id: _id, ...access }) => [topic, access])
    })
    const part = { object: mp4Name(job), count: 0, requests: 1 }
    assert.deepEqual(told, [
      ['accesses', { object: mp4Name(job), count: 1, requests: 0, bytes: 0 }],
      ['accesses', { ...part, bytes: 4 }],
      ['accesses', { ...part, bytes: bytes.length - 4 }],
      ['accesses', { ...part, bytes: bytes.length }],
    ])
  })

  describe('is not opened', () => {
    it('while there is no MP4 yet', async () => {
      for (const status of ['UPLOADING', 'ENQUEUED', 'NEED_CONVERT'] as const) {
        const id = newJobId()
        const records = await local.records()
        await records.transact(async (tx) => tx.set(jobs, id, { ...enqueued, owner: 'owner', status }))
        await refused(openAs('owner', id), 409, 'NOT_COMPLETED')
      }
    })

    it('where there never will be one', async () => {
      const skipped = await putJob({ video: { skipped: 'The file has no pictures.' } })
      const response = await openAs('owner', skipped)
      assert.equal(response.status, 404)
      assert.match(await response.text(), /The file has no pictures/)
    })
  })
})
