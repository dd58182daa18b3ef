import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError, readConfig, variableNames, type Variable } from './config.ts'

function mistakes(env: Record<string, string>): string[] {
  try {
    readConfig(variableNames, env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes
  }
  return []
}

const read = (name: Variable, text: string): unknown => readConfig([name], { [name]: text })[name]

describe('The configuration', () => {
  it('needs nothing to be set', () => {
    const config = readConfig(variableNames, {})
    assert.equal(config.PLATFORM, 'local')
    assert.equal(config.HOST, '127.0.0.1', 'nobody else can reach it')
    assert.equal(config.PORT, 8080)
    assert.deepEqual(config.ALLOWED_ORIGINS, [])
    assert.equal(config.CLOUD_LIKE, false)
    for (const name of [
      'API_URL',
      'ADMIN_PASSWORD',
      'SIGNING_KEY',
      'QUOTA_JOBS',
      'WORK_DEADLINE_SECONDS',
    ] as const) {
      assert.equal(config[name], undefined, name)
    }
  })

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(variableNames.map((name) => [name, '']))
    assert.deepEqual(readConfig(variableNames, empty), readConfig(variableNames, {}))
  })

  it('reads only what it is asked for: a mistake elsewhere is not its caller’s', () => {
    assert.deepEqual(readConfig(['PORT'], { PORT: '9000', HOST: 'h', LEASE_SECONDS: 'soon' }), { PORT: 9000 })
  })

  it('reads each variable as what it is', () => {
    assert.equal(read('PORT', '0'), 0)
    assert.equal(read('CLOUD_LIKE', '1'), true)
    assert.equal(read('LEASE_SECONDS', '0.5'), 0.5)
    assert.equal(read('QUOTA_STORED_BYTES', '10000000000'), 10_000_000_000)
    assert.equal(read('WORK_DEADLINE_SECONDS', '480'), 480)
    assert.equal(read('MAIL_FROM', 'Tapes of ours <a@b.example>'), 'Tapes of ours <a@b.example>')
    assert.equal(read('SMTP_URL', 'smtps://a%40b:c@mail.example:465'), 'smtps://a%40b:c@mail.example:465')
    assert.equal(read('API_URL', 'https://example.com/api//'), 'https://example.com/api')
    assert.deepEqual(read('ALLOWED_ORIGINS', ' https://a.example , http://localhost:3000,'), [
      'https://a.example',
      'http://localhost:3000',
    ])
  })

  it('names every mistake at once: the variable, what it must be, and what it was', () => {
    const env = {
      PORT: 'http',
      HOST: 'here',
      CLOUD_LIKE: 'yes',
      SOURCE_BUCKET: 'No Bucket',
      LEASE_SECONDS: '0',
    }
    assert.deepEqual(mistakes(env), [
      'PORT must be a port number; "http" is not.',
      'SOURCE_BUCKET must be a bucket name: 3 to 63 of a-z, 0-9, dot, dash, underscore; "No Bucket" is not.',
      'CLOUD_LIKE must be 1 (on) or 0 (off); "yes" is not.',
      'LEASE_SECONDS must be more than 0 seconds; "0" is not.',
    ])
    assert.throws(
      () => readConfig(variableNames, env),
      /^ConfigError: The environment is not right:\n  PORT .*\n  SOURCE_BUCKET .*\n  CLOUD_LIKE .*\n  LEASE_SECONDS /,
    )
  })

  const wrong: Partial<Record<Variable, string[]>> = {
    PLATFORM: ['azure'],
    PORT: ['-1', '65535', '80.5', 'NaN', 'Infinity'],
    CLOUD_LIKE: ['true', '2'],
    API_URL: ['example.com', 'ftp://example.com', 'javascript:alert(1)'],
    BUCKET_URL: ['/buckets'],
    ALLOWED_ORIGINS: ['*', 'https://a.example/', 'https://a.example/path', 'example.com', 'null'],
    SOURCE_BUCKET: ['ab', '-ab', 'a/b', 'UPPER', 'a'.repeat(64)],
    TARGET_BUCKET: ['../x'],
    QUOTA_STORED_BYTES: ['0', '-1', '1.5', '10GB', 'unlimited', '9007199254740993'],
    QUOTA_JOBS: ['0', '0.5'],
    QUOTA_FILE_BYTES: ['none'],
    SOURCE_DAYS: ['0', '-1', 'week'],
    ADMIN_EMAIL: ['admin', 'a b@c', '@', 'a@'],
    LEASE_SECONDS: ['-1', 'NaN', 'Infinity', '1m'],
    SWEEP_SECONDS: ['0'],
    PAGE_URL: ['page.example', 'ftp://page.example'],
    SMTP_URL: ['mail.example', 'https://mail.example', 'smtps://'],
    MAIL_FROM: ['tapes', 'a@b, c@d', 'Tapes <a@b', 'a@b\nBcc: c@d', 'Tapes\n<a@b>'],
    CONVERSION_CORES: ['0', '1.5', 'all'],
    TRUSTED_PROXIES: ['-1', '0.5', 'all'],
    WORK_DEADLINE_SECONDS: ['0', 'none'],
  }
  for (const [name, texts] of Object.entries(wrong)) {
    for (const text of texts) {
      it(`refuses ${name}=${text}`, () => {
        assert.match(mistakes({ [name]: text }).join('\n'), new RegExp(`^${name} must .*; .* is not\\.$`))
      })
    }
  }

  it('has no defaults in the cloud for what only a deployment can know', () => {
    const names = ['SOURCE_BUCKET', 'LEASE_SECONDS'] as const
    assert.throws(() => readConfig(names, { PLATFORM: 'gcp' }), {
      mistakes: ['SOURCE_BUCKET must be set where PLATFORM is gcp; terraform apply sets it.'],
    })
    const set = { PLATFORM: 'gcp', SOURCE_BUCKET: 'videos' }
    assert.deepEqual(readConfig(names, set), { SOURCE_BUCKET: 'videos', LEASE_SECONDS: 60 })
  })

  it('never says what a secret is', () => {
    assert.deepEqual(mistakes({ ADMIN_PASSWORD: 'hunter2' }), [
      'ADMIN_PASSWORD must have at least 8 characters; its value is not.',
    ])
  })
})
