import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { withPolicy } from '../../infra/build/page.ts'
import { buildPage, contentPolicy, type PageFile } from '../../web/build.ts'
import { unavailable } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'

const mostCompressedBytes = 150_000

describe('What the page weighs and may do', () => {
  let files: Map<string, PageFile>
  before(async () => {
    files = await buildPage()
  })

  it('has little JavaScript', (t) => {
    const scripts = [...files].filter(([, { type }]) => type.startsWith('text/javascript'))
    const bytes = scripts.reduce((sum, [, { body }]) => sum + gzipSync(body).length, 0)
    t.diagnostic(`${bytes} bytes of JavaScript, compressed`)
    assert.ok(bytes > 0 && bytes < mostCompressedBytes, `${bytes}`)
  })

  it('allows no script and no style that is not in a file of its own', () => {
    const html = Buffer.from(files.get('/index.html')?.body ?? []).toString()
    const policies = [contentPolicy([]), contentPolicy(['https://api.example.com']), withPolicy(html)]
    for (const policy of policies) {
      assert.match(policy, /default-src 'none'/)
      assert.doesNotMatch(policy, /unsafe-(?:inline|eval|hashes)/)
    }
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/)
  })
})

describe('The page', { skip: unavailable, timeout: 60_000 }, () => {
  let opened: OpenPage
  before(async () => {
    opened = await openPage()
  })
  after(() => opened?.close())

  it('is painted soon', async (t) => {
    const visit = await opened.visit('')
    await visit.button('Sign in').waitFor()
    const paints = await visit.page.evaluate<{ name: string; startTime: number }[]>(
      `performance.getEntriesByType('paint').map(({ name, startTime }) => ({ name, startTime }))`,
    )
    for (const { name, startTime } of paints) t.diagnostic(`${name} after ${Math.round(startTime)} ms`)
    // It talks to nobody but its own origin and its server.
    await visit.end()
  })
})
