import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

/** An object's resource as Cloud Storage describes it, as far as it is looked at here. */
interface Resource {
  bucket?: string
  name?: string
  generation?: string
  storageClass?: string
}

const ofObject =
  /^\/storage\/v1\/b\/[^/]+\/o\/[^/?]+(?<rewrite>\/rewriteTo\/b\/[^/]+\/o\/[^/?]+)?(?:\?(?<query>.*))?$/

/**
 * Remembers the storage classes that objects are rewritten to, of which fake-gcs-server takes no notice: answers what it is asked
 * about an object with that class in it. Returns false for every other request.
 */
export function createClassKeeper(origin: string): (req: IncomingMessage, res: ServerResponse) => boolean {
  const classes = new Map<string, { generation: string | undefined; storageClass: string }>()
  const keyOf = ({ bucket, name }: Resource): string => `${bucket}/${name}`

  async function answer(req: IncomingMessage, res: ServerResponse, isRewrite: boolean): Promise<void> {
    const body = await text(req)
    const { status, json } = await ask(req, `${origin}${req.url}`, body)
    const answered = JSON.parse(json) as Resource & { resource?: Resource }
    const resource = isRewrite ? answered.resource : answered
    const asked = isRewrite ? (JSON.parse(body) as Resource).storageClass : undefined
    if (resource && asked !== undefined)
      classes.set(keyOf(resource), { generation: resource.generation, storageClass: asked })
    const kept = resource && classes.get(keyOf(resource))
    if (resource && kept && kept.generation === resource.generation) resource.storageClass = kept.storageClass
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answered))
  }

  return (req, res) => {
    const { rewrite, query } = ofObject.exec(req.url ?? '')?.groups ?? {}
    const isStat = req.method === 'GET' && ofObject.test(req.url ?? '') && !/\balt=media\b/.test(query ?? '')
    const isRewrite = req.method === 'POST' && rewrite !== undefined
    if (!isStat && !isRewrite) return false
    answer(req, res, isRewrite).catch((error: unknown) => res.writeHead(503).end(String(error)))
    return true
  }
}

function ask(
  { method, headers }: IncomingMessage,
  url: string,
  body: string,
): Promise<{ status: number; json: string }> {
  const { host: _host, 'accept-encoding': _encoding, 'transfer-encoding': _transfer, ...rest } = headers
  const length = body === '' ? {} : { 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    request(url, { method, headers: { ...rest, ...length } }, (res) => {
      text(res).then((json) => resolve({ status: res.statusCode ?? 502, json }), reject)
    })
      .on('error', reject)
      .end(body)
  })
}
