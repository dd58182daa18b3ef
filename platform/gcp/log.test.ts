import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { root } from '../../infra/build/root.ts'
import { sendEvent, settings, startFunction, type StartedFunction } from '../../infra/build/testing.ts'
import { refuseByGrpc, type FakeServer } from './testing.ts'

const words =
  'The database nowhere does not exist for project my-project Please visit https://console.cloud.google.com/datastore/setup?project=my-project to add a Cloud Datastore or Cloud Firestore database. '
const sentence =
  'There is no Firestore database nowhere in the project my-project. Run `terraform apply`, which makes it, or set FIRESTORE_DATABASE to one that exists.'

describe('The first line that is logged where the deployment is wrong', { concurrency: true }, () => {
  let firestore: FakeServer
  before(async () => {
    firestore = await refuseByGrpc(5, words)
  })
  after(() => firestore.close())

  function start(name: string): Promise<StartedFunction> {
    const env = { ...settings, FIRESTORE_EMULATOR_HOST: firestore.host }
    return startFunction(join(root, `functions/${name}/index.ts`), name, env)
  }

  it('says so for an event, which is not accepted and comes again', async (t) => {
    const sweep = await start('sweep')
    t.after(() => sweep.stop())
    const message = { data: Buffer.from('{}').toString('base64') }
    const { status } = await sendEvent(sweep.url, 'google.cloud.pubsub.topic.v1.messagePublished', {
      message,
    })
    assert.equal(status, 500)
    const { message: said } = JSON.parse(await firstLine(sweep)) as { message: string }
    assert.equal(said, `sweep has failed, and gets the event again: ${sentence}`)
  })

  it('says so for a request, which is told no more than that something went wrong', async (t) => {
    const status = await start('status')
    t.after(() => status.stop())
    const token = [
      { alg: 'EdDSA', kid: 'a' },
      { sub: 'a', exp: 2 ** 32 },
    ]
      .map(base64url)
      .join('.')
    const response = await fetch(status.url, { headers: { Authorization: `Bearer ${token}.AAAA` } })
    assert.equal(response.status, 500)
    assert.doesNotMatch(await response.text(), /Firestore/)
    const { message } = JSON.parse(await firstLine(status)) as { message: string }
    assert.equal(message, `A request failed: ${sentence}`)
  })
})

/** What is logged may come a moment later than the answer. */
async function firstLine({ log }: StartedFunction): Promise<string> {
  while (!log().includes('\n')) await delay(10)
  return log().split('\n')[0] ?? ''
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
