import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { executable } from './executable.ts'

describe('an executable file', () => {
  let path: string
  before(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'tapedeck-executable-')), 'greet.sh')
    await writeFile(path, '#!/bin/sh\necho "hello $1"\n')
  })
  after(() => rm(dirname(path), { recursive: true }))

  it('is taken as it is', async () => {
    await chmod(path, 0o755)
    assert.equal(await executable(path), path)
  })

  it('is copied where it has lost its mode', async () => {
    await chmod(path, 0o644)
    const copy = await executable(path)
    const { stdout } = await promisify(execFile)(copy, ['you'])
    assert.equal(stdout, 'hello you\n')
    await rm(dirname(copy), { recursive: true })
  })

  it('must be there', async () => {
    await assert.rejects(executable(`${path}.gone`), { code: 'ENOENT' })
  })
})
