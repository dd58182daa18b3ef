import { contentPolicy } from '../../web/build.ts'

const before = '<meta charset="utf-8" />'

/** The page with its content security policy inside: a bucket that serves it sends no headers of ours. */
export function withPolicy(html: string): string {
  if (!html.includes(before))
    throw new Error(`web/index.html has no ${before}, behind which the policy goes.`)
  const meta = `<meta http-equiv="Content-Security-Policy" content="${contentPolicy([])}" />`
  return html.replace(before, `${before}\n    ${meta}`)
}
