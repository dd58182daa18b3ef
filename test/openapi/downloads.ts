import { ask, nobodysId, post, type Ask, type Asks } from './ask.ts'

const play =
  (headers: Record<string, string>): Ask =>
  async ({ client, small }) =>
    client.fetch(await client.openStream(small.id), { headers })

/** MP3s and videos: downloaded, and played. */
export const downloadAsks: Asks = {
  'downloadMp3 200 application/json': ask(({ small }) => `/download/${small.id}?format=json`),
  'downloadMp3 302': ask(({ small }) => `/download/${small.id}`),
  'downloadMp3 409 NOT_COMPLETED': ask(({ waiting }) => `/download/${waiting.id}`),
  'downloadMp3 422 UNPROCESSABLE': ask(({ small }) => `/download/${small.id}?format=xml`),

  'downloadVideo 200 application/json': ask(({ small }) => `/download/${small.id}/video?format=json`),
  'downloadVideo 302': ask(({ small }) => `/download/${small.id}/video`),
  'downloadVideo 404 NOT_FOUND': ask(({ large }) => `/download/${large.id}/video`),
  'downloadVideo 409 NOT_COMPLETED': ask(({ waiting }) => `/download/${waiting.id}/video`),
  'downloadVideo 422 UNPROCESSABLE': ask(({ small }) => `/download/${small.id}/video?format=xml`),

  'openStream 200 application/json': post(({ small }) => `/download/${small.id}/stream-token`),
  'openStream 404 NOT_FOUND': post(({ large }) => `/download/${large.id}/stream-token`),
  'openStream 409 NOT_COMPLETED': post(({ waiting }) => `/download/${waiting.id}/stream-token`),
  'playStream 206 video/mp4': play({ range: 'bytes=0-' }),
  'playStream 302': play({}),
  'playStream 401 TOKEN_INVALID': ask(({ small }) => `/download/${small.id}/stream?token=x`),
  'playStream 404 NOT_FOUND': async ({ client, avi }) => {
    const { id } = await client.upload({ filename: 'deleted.avi', bytes: avi })
    await client.completed(id)
    const path = await client.openStream(id)
    await client.fetch(`/status/${id}`, { method: 'DELETE' })
    return client.fetch(path)
  },
  'playStream 416 RANGE_NOT_SATISFIABLE': play({ range: 'bytes=9999999-' }),

  'downloadMp3ByFid 200 audio/mpeg': ask(({ small }) => `/download?fid=${small.id}&format=json`),
  'downloadMp3ByFid 200 application/json': ask(({ large }) => `/download?fid=${large.id}&format=json`),
  'downloadMp3ByFid 302': ask(({ large }) => `/download?fid=${large.id}`),
  'downloadMp3ByFid 404 NOT_FOUND': ask(`/download?fid=${nobodysId}`),
  'downloadMp3ByFid 409 NOT_COMPLETED': ask(({ waiting }) => `/download?fid=${waiting.id}`),
  'downloadMp3ByFid 422 UNPROCESSABLE': ask('/download'),
}
