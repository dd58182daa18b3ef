import { readConfig } from '../../lib/config.ts'

export interface Running {
  apiUrl: string
  /** The API, as this machine itself reaches it. */
  localUrl: string
  bucketUrl: string
  /** Where everything is kept. */
  data: string
}

/** What a server says once it is running, with a link that signs its admin in. */
export async function banner({ apiUrl, localUrl, bucketUrl, data }: Running): Promise<string> {
  const { ADMIN_EMAIL } = readConfig(['ADMIN_EMAIL'])
  return `
  Tapedeck is running.

  Page      ${apiUrl}/${await signInFragment(localUrl, ADMIN_EMAIL)}
  API       ${apiUrl}
  Buckets   ${bucketUrl}
  Data      ${data}

  The link signs you in as ${ADMIN_EMAIL} for a day. Stop with Ctrl-C.
`
}

/** A fragment with a token, which no server gets to see. Once the password was changed, none. */
async function signInFragment(localUrl: string, email: string): Promise<string> {
  const { ADMIN_PASSWORD } = readConfig(['ADMIN_PASSWORD'])
  const credentials = Buffer.from(`${email}:${ADMIN_PASSWORD ?? ''}`).toString('base64')
  const headers = { Authorization: `Basic ${credentials}` }
  const response = await fetch(`${localUrl}/auth/login`, { method: 'POST', headers })
  if (!response.ok) return ''
  const { token } = (await response.json()) as { token: string }
  return `#token=${token}`
}
