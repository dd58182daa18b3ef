import { setTimeout as delay } from 'node:timers/promises'
import type { Client, JobView } from '../client.ts'
import { formOf, streamedForm } from '../form.ts'
import { ask, busy, limited, sendJson, sendUntyped, session, type Ask, type Asks } from './ask.ts'

type Part = [name: string, value: string | Blob]

const file: Part = ['file', new Blob(['bytes'], { type: 'video/mp4' })]
const upload = (...parts: Part[]): Ask => ask('/upload', { method: 'POST', body: formOf(...parts) })
const uploadAs = (user: Client): Promise<Response> =>
  user.fetch('/upload', { method: 'POST', body: formOf(file) })
const sendAs = (type: string, body: string): Ask =>
  ask('/upload', { method: 'POST', body, headers: { 'content-type': type } })

const badKey = { 'idempotency-key': 'two-words and-more' }

/** Uploads by a form, and by a session. */
export const uploadAsks: Asks = {
  'uploadForm 202 application/json': ({ client, avi }) =>
    client.fetch('/upload', { method: 'POST', body: client.form({ filename: 'a.avi', bytes: avi }) }),
  'uploadForm 400 BAD_REQUEST': ask('/upload', { method: 'POST', body: formOf(file), headers: badKey }),
  'uploadForm 400 BAD_MULTIPART': sendAs('multipart/form-data; boundary=b', 'x'),
  'uploadForm 400 NO_FILE': upload(['bitrate', '128']),
  'uploadForm 400 TOO_MANY_FILES': upload(file, file),
  'uploadForm 400 EMPTY_FILE': upload(['file', new Blob([])]),
  'uploadForm 400 FIELD_AFTER_FILE': upload(file, ['bitrate', '128']),
  'uploadForm 403 STORAGE_QUOTA_EXCEEDED': async (world) =>
    uploadAs(await limited(world, { storedBytes: 1 })),
  'uploadForm 409 CONFLICT': ({ client }) => uploadDeleted(client),
  'uploadForm 413 FILE_TOO_LARGE': async (world) => uploadAs(await limited(world, { fileBytes: 1 })),
  'uploadForm 413 PAYLOAD_TOO_LARGE': upload(['file', new Blob([new Uint8Array(33 * 2 ** 20)])]),
  'uploadForm 415 UNSUPPORTED_MEDIA_TYPE': sendAs('video/mp4', 'bytes'),
  'uploadForm 422 UNPROCESSABLE': upload(['bitrate', '1'], file),
  'uploadForm 429 TOO_MANY_JOBS': async (world) => uploadAs(await busy(world)),

  'openUploadSession 201 application/json': ask('/upload/sessions', session()),
  'openUploadSession 400 BAD_REQUEST': ask('/upload/sessions', {
    ...session(),
    headers: { 'content-type': 'application/json', ...badKey },
  }),
  'openUploadSession 400 BAD_JSON': sendJson('POST', '/upload/sessions', '{'),
  'openUploadSession 403 STORAGE_QUOTA_EXCEEDED': async (world) =>
    (await limited(world, { storedBytes: 1 })).fetch('/upload/sessions', session({ size: 2 })),
  'openUploadSession 409 CONFLICT': ({ client }) => openDeleted(client),
  'openUploadSession 413 FILE_TOO_LARGE': async (world) =>
    (await limited(world, { fileBytes: 1 })).fetch('/upload/sessions', session({ size: 2 })),
  'openUploadSession 413 PAYLOAD_TOO_LARGE': ask(
    '/upload/sessions',
    session({ filename: 'x'.repeat(70_000) }),
  ),
  'openUploadSession 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('POST', '/upload/sessions'),
  'openUploadSession 422 UNPROCESSABLE': ask('/upload/sessions', session({ size: 0 })),
  'openUploadSession 429 TOO_MANY_JOBS': async (world) =>
    (await busy(world)).fetch('/upload/sessions', session()),
}

/** An upload whose job is deleted before its last byte is sent. */
async function uploadDeleted(client: Client): Promise<Response> {
  const filename = 'deleted on the way.mp4'
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('bytes')
    const begun = async (): Promise<JobView | undefined> =>
      (await client.list()).find((listed) => listed.filename === filename)
    let job = await begun()
    for (; !job; job = await begun()) await delay(10)
    await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
  }
  return client.fetch('/upload', streamedForm(filename, pieces()))
}

/** A session whose job was deleted, asked for once more. */
async function openDeleted(client: Client): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'of-a-deleted-job' }
  const open = (): Promise<Response> => client.fetch('/upload/sessions', { ...session(), headers })
  const { job } = (await (await open()).json()) as { job: JobView }
  await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
  return open()
}
