import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { request, type ClientRequest, type RequestOptions } from 'node:http'
import https from 'node:https'
import { devNull } from 'node:os'
import { json } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it, mock } from 'node:test'
import { Storage } from '@google-cloud/storage'
import fc from 'fast-check'
import type { ObjectStore } from '../ports.ts'
import { openObjects } from './objects.ts'
import { gcpPlatform } from './platform.ts'
import { errorBody, serve, type FakeServer } from './testing.ts'

const account = 'download@my-project.iam.gserviceaccount.com'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const options = { expiresInSeconds: 600, filename: 'Ein "Lied" für dich.mp3' }

/** What the cloud tells a function of itself. */
const metadata: Record<string, string> = {
  '/computeMetadata/v1/instance/service-accounts/default/email': account,
  '/computeMetadata/v1/instance/service-accounts/default/token': JSON.stringify({
    access_token: 'token-of-the-account',
    expires_in: 3600,
    token_type: 'Bearer',
  }),
  '/computeMetadata/v1/project/project-id': 'my-project',
}

/** Asked of Google by HTTPS: method, host and path, and with which token. */
let asked: [request: string, authorization: string | undefined][]
/** How signBlob answers. */
let answer: (payload: string) => [status: number, body: object]

const signs: typeof answer = (payload) => {
  const signature = sign('sha256', Buffer.from(payload, 'base64'), privateKey)
  return [200, { keyId: '1', signedBlob: signature.toString('base64') }]
}

/** Stands for the server of metadata and, by what is sent here instead of to HTTPS, for all of Google. */
const startGoogle = (): Promise<FakeServer> =>
  serve(async (req, res) => {
    const { pathname } = new URL(req.url ?? '', 'http://google')
    if (req.method === 'GET') {
      const found = metadata[pathname]
      const headers = { 'Metadata-Flavor': 'Google', 'Content-Type': 'application/text' }
      res.writeHead(found === undefined ? 404 : 200, headers).end(found ?? pathname)
      return
    }
    const { payload } = (await json(req)) as { payload: string }
    asked.push([`${req.method} ${String(req.headers[meantFor])}${pathname}`, req.headers.authorization])
    const [status, body] = answer(payload)
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })

const meantFor = 'x-meant-for'

/** Sends what was meant for HTTPS to `host`, as the clients call `https.request`. */
function sendTo(host: string): void {
  mock.method(https, 'request', (url: string, options: RequestOptions): ClientRequest => {
    const { agent: _, ...rest } = options
    const { hostname, pathname, search } = new URL(url)
    const sending = request(`http://${host}${pathname}${search}`, rest)
    sending.setHeader(meantFor, hostname)
    return sending
  })
}

describe('Without a key', () => {
  let google: FakeServer
  let store: ObjectStore

  before(async () => {
    google = await startGoogle()
    sendTo(google.host)
    for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'STORAGE_EMULATOR_HOST']) delete process.env[name]
    // Nor are there the credentials of a person.
    process.env['HOME'] = devNull
    process.env['METADATA_SERVER_DETECTION'] = 'assume-present'
    process.env['GCE_METADATA_HOST'] = google.host
    store = await (await gcpPlatform()).objects()
  })
  beforeEach(() => {
    asked = []
    answer = signs
  })
  after(() => {
    mock.restoreAll()
    google.close()
  })

  it('a URL is signed by IAM, in the name of the account that the function runs as', async () => {
    const object = { bucket: 'tapedeck-target', name: 'jobs/0192.mp3' }
    const { url, expiresAt } = await store.signedUrl(object, options)
    assert.deepEqual(asked, [
      [
        `POST iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:signBlob`,
        'Bearer token-of-the-account',
      ],
    ])
    const { origin, pathname, searchParams } = new URL(url)
    assert.equal(origin + pathname, 'https://storage.googleapis.com/tapedeck-target/jobs/0192.mp3')
    assert.match(
      searchParams.get('X-Goog-Credential') ?? '',
      new RegExp(`^${account}/\\d{8}/auto/storage/goog4_request$`),
    )
    assert.ok(expiresAt.getTime() > Date.now())
    assert.ok(isSigned(url))
  })

  it('a signature holds for this URL alone', async () => {
    const { url } = await store.signedUrl({ bucket: 'tapedeck-target', name: 'jobs/0192.mp3' }, options)
    assert.ok(!isSigned(url.replace('0192', '0193')))
    assert.ok(!isSigned(url.replace('X-Goog-Expires=', 'X-Goog-Expires=9')))
  })

  it('a URL is signed for every name that has one, and leads to that name', () =>
    fc.assert(
      fc.asyncProperty(objectName, async (name) => {
        const { url } = await store.signedUrl({ bucket: 'tapedeck-target', name }, options)
        assert.ok(isSigned(url))
        assert.equal(decodeURIComponent(new URL(url).pathname), `/tapedeck-target/${name}`)
      }),
    ))

  it('nothing is signed where the account may not: the error says so', async () => {
    answer = () => [
      403,
      errorBody(403, "Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist)."),
    ]
    await assert.rejects(store.signedUrl({ bucket: 'b', name: 'a' }, options), {
      name: 'DeploymentError',
      message: /^URLs cannot be signed: .* --role=roles\/iam\.serviceAccountTokenCreator`\.$/,
    })
  })

  it('nothing is signed where the API is off: the error says so', async () => {
    const words =
      'IAM Service Account Credentials API has not been used in project 123456 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/iamcredentials.googleapis.com/overview?project=123456 then retry.'
    answer = () => [403, errorBody(403, words)]
    await assert.rejects(store.signedUrl({ bucket: 'b', name: 'a' }, options), {
      name: 'DeploymentError',
      message:
        'The API iamcredentials.googleapis.com is not enabled in the project 123456. Run `gcloud services enable iamcredentials.googleapis.com --project=123456`, and wait a few minutes.',
    })
  })

  it('nothing is signed, and nothing asked, where there is no account either: the error says so', async () => {
    process.env['METADATA_SERVER_DETECTION'] = 'none'
    const nobody = openObjects(new Storage())
    await assert.rejects(nobody.signedUrl({ bucket: 'b', name: 'a' }, options), {
      name: 'DeploymentError',
      message: /^There are no Google Cloud credentials here\./,
    })
    assert.deepEqual(asked, [])
  })
})

const objectName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((name) => name.isWellFormed() && !/[\r\n]/.test(name))
  .filter((name) => !name.split('/').some((segment) => segment === '.' || segment === '..'))

/** Whether a URL's signature is that of its canonical request, as Cloud Storage makes it again from what it is sent. */
function isSigned(signedUrl: string): boolean {
  const { host, pathname, searchParams } = new URL(signedUrl)
  const signature = Buffer.from(searchParams.get('X-Goog-Signature') ?? '', 'hex')
  // "Parameters in the query string must be sorted by name using a lexicographical sort by code point value."
  const query = [...searchParams]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map((pair) => pair.map(percentEncode).join('='))
    .toSorted()
    .join('&')
  const canonical = ['GET', pathname, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n')
  const hash = createHash('sha256').update(canonical).digest('hex')
  const date = searchParams.get('X-Goog-Date') ?? ''
  const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`
  const toSign = ['GOOG4-RSA-SHA256', date, scope, hash].join('\n')
  return verify('sha256', Buffer.from(toSign), publicKey, signature)
}

const percentEncode = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
