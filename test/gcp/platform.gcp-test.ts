import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { emulator, projectId, skipWithout } from './emulators.ts'

const run = promisify(execFile)

/** Runs a module's text in a process of its own, as a function would start, and gives what it logs as JSON. */
async function inProcess(text: string, env: Record<string, string>): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: import.meta.dirname,
    env: {
      ...process.env,
      PLATFORM: 'gcp',
      GOOGLE_CLOUD_PROJECT: projectId,
      FIRESTORE_DATABASE: 'tapedeck',
      ...env,
    },
  })
  return JSON.parse(stdout)
}

/** Notes which of Google's clients are asked for. */
const note = `
  const { registerHooks } = await import('node:module')
  const loaded = new Set()
  registerHooks({
    resolve(specifier, context, next) {
      const client = /^@google-cloud\\/(storage|firestore|pubsub)$/.exec(specifier)?.[1]
      if (client) loaded.add(client)
      return next(specifier, context)
    },
  })`

describe('PLATFORM=gcp', { skip: skipWithout('firestore', 'pubsub', 'fake-gcs-server') }, () => {
  it('finds the emulators by their variables, and each port works', async () => {
    const [firestore, pubsub, storage] = await Promise.all([
      emulator('firestore'),
      emulator('pubsub'),
      emulator('fake-gcs-server'),
    ])
    const [bucket, topic] = [`bucket-${randomUUID()}`, `topic-${randomUUID()}`]
    const made = await Promise.all([
      fetch(`http://${storage}/storage/v1/b`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: bucket }),
      }),
      fetch(`http://${pubsub}/v1/projects/${projectId}/topics/${topic}`, { method: 'PUT' }),
    ])
    for (const { ok } of made) assert.ok(ok)
    const text = `
      const { platform } = await import('../../platform/index.ts')
      const { objects, records, bus } = platform()
      const [store, database, topics] = [await objects(), await records(), await bus()]
      const object = { bucket: '${bucket}', name: 'a' }
      async function* body() { yield Buffer.from('abc') }
      await store.write(object, body(), { contentType: 'text/plain' })
      const read = Buffer.concat(await (await store.read(object)).toArray()).toString()
      const url = await store.createUploadSession({ ...object, name: 'b' }, { contentType: 'text/plain', size: 2 })
      const { status } = await fetch(url, { method: 'PUT', body: 'de' })
      const uploaded = (await store.stat({ ...object, name: 'b' })).size
      await database.transact(async (tx) => tx.set({ name: 'things' }, 'a', { text: 'x' }))
      const { data } = await database.get({ name: 'things' }, 'a')
      await topics.publish('${topic}', { hello: 'world' })
      console.log(JSON.stringify({ read, status, uploaded, data }))
      process.exit()`
    const result = await inProcess(text, {
      FIRESTORE_EMULATOR_HOST: firestore,
      PUBSUB_EMULATOR_HOST: pubsub,
      STORAGE_EMULATOR_HOST: `http://${storage}`,
    })
    assert.deepEqual(result, { read: 'abc', status: 200, uploaded: 2, data: { text: 'x' } })
  })

  for (const [port, client] of [
    ['objects', 'storage'],
    ['records', 'firestore'],
    ['bus', 'pubsub'],
  ] as const) {
    it(`loads no other client than the one that ${port} need`, async () => {
      const text = `${note}
        const { platform } = await import('../../platform/index.ts')
        await platform().${port}()
        console.log(JSON.stringify([...loaded]))
        process.exit()`
      assert.deepEqual(await inProcess(text, {}), [client])
    })
  }
})
