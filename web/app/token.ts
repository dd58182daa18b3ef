/** What a token (JWT, RFC 7519) says of itself. Nobody has checked it here: that is the server's part. */
export interface TokenClaims {
  /** The account's id. */
  sub?: string
  /** How long it lasts from when it is given out, in milliseconds. */
  life?: number
}

export function readToken(token: string): TokenClaims {
  try {
    const [, payload = ''] = token.split('.')
    const said: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    if (typeof said !== 'object' || said === null) return {}
    const { sub, iat, exp } = said as Record<string, unknown>
    return {
      ...(typeof sub === 'string' && { sub }),
      ...(typeof iat === 'number' && typeof exp === 'number' && exp > iat && { life: (exp - iat) * 1000 }),
    }
  } catch {
    return {}
  }
}
