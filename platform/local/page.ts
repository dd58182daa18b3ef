import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendProblem } from '../../lib/http/answer.ts'
import { Problem } from '../../lib/problems.ts'
import { rawUrl } from '../../lib/http/raw-request.ts'
import { buildPage, contentPolicy } from '../../web/build.ts'

/** Serves the page: built in memory at start, with a config.json that says where the API is. */
export async function openPage({ apiUrl, bucketUrl }: { apiUrl: string; bucketUrl: string }) {
  const files = await buildPage()
  // The page may be opened under any name that leads here, so it asks the API under its own.
  files.set('/config.json', { type: 'application/json', body: Buffer.from(JSON.stringify({ apiUrl: '' })) })
  const servers = [apiUrl, bucketUrl].map((url) => new URL(url).origin)
  const policy = `${contentPolicy(servers)}; frame-ancestors 'none'`

  return (req: IncomingMessage, res: ServerResponse): void => {
    const path = rawUrl(req).split('?')[0] ?? '/'
    const file = files.get(path === '/' ? '/index.html' : path)
    res.setHeader('X-Content-Type-Options', 'nosniff')
    if (!file) {
      sendProblem(req, res, new Problem('NOT_FOUND', `There is nothing at ${path}.`))
      return
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      const headers = { Allow: 'GET' }
      sendProblem(
        req,
        res,
        new Problem('METHOD_NOT_ALLOWED', `${req.method} is not possible here; use GET.`, { headers }),
      )
      return
    }
    res.setHeader('Content-Security-Policy', policy)
    res.setHeader('Referrer-Policy', 'no-referrer')
    res.setHeader('Cache-Control', 'no-cache')
    res.setHeader('Content-Type', file.type)
    res.end(req.method === 'HEAD' ? undefined : file.body)
  }
}
