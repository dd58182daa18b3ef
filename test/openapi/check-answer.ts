import assert from 'node:assert/strict'
import { isProblem, type Answer, type OpenApi } from './document.ts'

/** That a response is this answer: status, headers, media type, and a body by the schema, with this code if it is a problem. */
export async function checkAnswer(
  api: OpenApi,
  answer: Answer,
  response: Response,
  kind: string | undefined,
): Promise<void> {
  const body = await bodyOf(response)
  if (answer.status !== 'default') assert.equal(String(response.status), answer.status, body)
  for (const { name, required, schema } of api.headersOf(answer)) {
    const value = response.headers.get(name)
    if (value !== null) assert.equal(api.mistakes(schema, value), '', name)
    else assert.ok(!required, `the header ${name} is missing`)
  }
  const type = response.headers.get('content-type')?.split(';')[0]
  assert.equal(type, answer.mediaType)
  if (answer.mediaType === undefined) assert.equal(body, '')
  if (!type?.endsWith('json')) return
  assert.ok(answer.schema)
  assert.equal(api.mistakes(answer.schema, JSON.parse(body)), '')
  if (isProblem(answer)) assert.equal((JSON.parse(body) as { code: string }).code, kind)
}

/** A body's text; of a stream that has no end, nothing. */
async function bodyOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  await response.body?.cancel()
  return ''
}
