import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { withPolicy } from '../../infra/build/page.ts'
import { buildPage, contentPolicy, type PageFile } from '../../web/build.ts'
import { unavailable } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'

const mostCompressedBytes = 150_000
const mostPaintMilliseconds = 3000

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

  // The best of several: a machine that is busy must not fail it. A tenth of a second is usual.
  it('is painted soon', async (t) => {
    const visit = await opened.visit('')
    const paints: number[] = []
    for (let load = 0; load < 3; load++) {
      if (load > 0) await visit.page.reload()
      await visit.button('Sign in').waitFor()
      // What is in the document has yet to be painted.
      await visit.until("performance.getEntriesByName('first-contentful-paint').length > 0")
      const [paint] = await visit.page.evaluate<number[]>(
        `performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime)`,
      )
      paints.push(paint ?? assert.fail('Nothing was painted.'))
    }
    t.diagnostic(`first contentful paint after ${paints.map(Math.round).join(', ')} ms`)
    assert.ok(Math.min(...paints) < mostPaintMilliseconds, paints.join(', '))
    // It talks to nobody but its own origin and its server.
    await visit.end()
  })
})
