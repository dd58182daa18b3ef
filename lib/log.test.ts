import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { after, before, beforeEach, describe, it } from 'node:test'
import { executionOf, inExecution } from './execution.ts'
import { toText } from './log-entry.ts'
import { log, sendLogTo } from './log.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

describe('The log', () => {
  const lines: string[] = []
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>
  before(() => {
    sendLogTo((text) => lines.push(text))
    process.env['GOOGLE_CLOUD_PROJECT'] = 'my-project'
  })
  beforeEach(() => void (lines.length = 0))
  after(() => sendLogTo((text) => void process.stderr.write(text)))

  it('is one line of JSON an entry, with severity, message, time and what belongs to it', () => {
    log.warning('A job has failed', { job: '1', code: 'NO_AUDIO' })
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /^\{[^\n]*\}\n$/)
    const { time, ...rest } = last()
    assert.deepEqual(rest, { severity: 'WARNING', message: 'A job has failed', job: '1', code: 'NO_AUDIO' })
    assert.ok(!Number.isNaN(Date.parse(String(time))))
  })

  it('says in the message what an error says, and keeps the stack beside it', () => {
    log.error('A request failed', new TypeError('no such\nthing'), { function: 'status' })
    const { severity, message, error } = last()
    assert.deepEqual([severity, message], ['ERROR', 'A request failed: no such\nthing'])
    assert.match(String(error), /^TypeError: no such\nthing\n\s+at /)
  })

  it('leaves nothing to obey for whoever reads it', () => {
    const text = 'a\r\nERROR forged\u001b[31m\u009b2J\u0000\u0085\u2028\u202Eb'
    log.warning(text, { text })
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /^\{[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*\}\n$/u)
    assert.deepEqual([last()['message'], last()['text']], [text, text])
    const entry = { severity: 'INFO', message: text, time: new Date(), fields: { text } } as const
    assert.equal(
      toText({ ...entry, execution: undefined, project: undefined }),
      [
        'info    a',
        '        ERROR forged\\u001b[31m\\u009b2J\\u0000\\u0085\\u2028\\u202eb',
        '        text: a',
        '        ERROR forged\\u001b[31m\\u009b2J\\u0000\\u0085\\u2028\\u202eb',
      ].join('\n'),
    )
  })

  describe('tells which entries belong to one execution', () => {
    it('by the id and the trace that the request came with', async () => {
      const headers = { 'function-execution-id': 'abc123', traceparent }
      await inExecution(executionOf(headers), async () => {
        await setImmediate()
        log.info('later')
      })
      const entry = last()
      assert.deepEqual(entry['logging.googleapis.com/labels'], { execution_id: 'abc123' })
      assert.equal(entry['logging.googleapis.com/trace'], `projects/my-project/traces/${traceId}`)
      assert.equal(entry['logging.googleapis.com/spanId'], '00f067aa0ba902b7')
    })

    it('by an id of its own where it came with none, or with something else', () => {
      const ids = [{}, { 'function-execution-id': 'a b\n', traceparent: 'x' }].map((headers) => {
        const execution = executionOf(headers)
        assert.equal(execution.trace, undefined)
        return execution.id
      })
      assert.match(ids.join(' '), /^[\w-]{12} [\w-]{12}$/)
      assert.notEqual(ids[0], ids[1])
    })

    it('and takes nothing but a valid trace', () => {
      for (const wrong of [
        `${traceparent}0`,
        traceparent.replace(traceId, '0'.repeat(32)),
        `01${traceparent}`,
      ])
        assert.equal(executionOf({ traceparent: wrong }).trace, undefined)
    })
  })

  describe('holds no secret, wherever one comes from', () => {
    const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'
    const secrets: [what: string, text: string, secret: string][] = [
      ['a token', `${jwt} is refused`, 'c2lnbmF0dXJl'],
      ['a header', 'authorization: Bearer abc.def-123', 'abc.def'],
      ['a password', 'Authorization: Basic YWRtaW46aHVudGVyMg==', 'YWRtaW46'],
      ['a signed URL', 'GET https://b.example/o?X-Goog-Date=1&X-Goog-Signature=0a1b2c&x=1', '0a1b2c'],
      ['an upload session', 'PUT https://b.example/o?uploadType=resumable&upload_id=ABPnzm-1', 'ABPnzm'],
      ['a stream', 'GET /download/1/stream?token=S3cr3t_-x failed', 'S3cr3t'],
      ['a key', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n', 'MC4CAQ'],
      ['a mail server', 'connect smtps://me:hunter2@mail.example:465', 'hunter2'],
    ]
    for (const [what, text, secret] of secrets) {
      it(`${what}, in a message, a field or an error`, () => {
        log.info(text)
        log.info('x', { deep: { url: text } })
        log.error('x', new Error(text, { cause: text }))
        assert.equal(lines.length, 3)
        for (const line of lines) {
          assert.ok(!line.includes(secret), line)
          assert.doesNotThrow(() => JSON.parse(line) as unknown)
        }
        const entry = { severity: 'INFO', message: text, time: new Date(), fields: { text } } as const
        assert.ok(!toText({ ...entry, execution: undefined, project: undefined }).includes(secret))
      })
    }

    it('and leaves everything else as it is', () => {
      const url = 'GET https://b.example/o?uploadType=resumable&name=a b: 404, tokens=2, basic idea'
      log.info(url)
      assert.equal(last()['message'], url)
    })
  })

  it('is plain lines on a terminal', () => {
    const fields = { job: '1', nothing: undefined, facts: { a: 1 } }
    const entry = { severity: 'ERROR', message: 'It broke', time: new Date(), fields } as const
    const text = toText({ ...entry, execution: { id: 'x' }, project: undefined })
    assert.equal(text, 'error   It broke\n        job: 1\n        facts: {"a":1}')
  })
})
