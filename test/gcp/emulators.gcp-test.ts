import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { skipWithout } from './emulators.ts'

const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('tapedeck-firestore-'))

const answers = (host: string): Promise<boolean> =>
  fetch(`http://${host}/`).then(
    () => true,
    () => false,
  )

describe('An emulator', { skip: skipWithout('firestore'), timeout: 120_000 }, () => {
  for (const [how, ending] of [
    ['ends by itself', undefined],
    ['is interrupted', 'SIGINT'],
    ['is killed', 'SIGKILL'],
  ] as const) {
    it(`ends with the process that started it, with its folder, if that ${how}`, async () => {
      const text = `
        const { emulator } = await import('./emulators.ts')
        console.log(await emulator('firestore'))
        process.stdin.resume()`
      const known = new Set(folders())
      const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
        cwd: import.meta.dirname,
        // Not the one that all tests share.
        env: { ...process.env, FIRESTORE_EMULATOR_HOST: '' },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const host = line.toString().trim()
      const mine = folders().filter((name) => !known.has(name))
      assert.ok(mine.length > 0)
      // Nothing else than its standard input keeps it.
      if (ending === undefined) child.stdin.end()
      else child.kill(ending)
      await ended
      while (await answers(host)) await delay(50)
      // Another process may have started one at the same time: only that some of these go is ours to see.
      while (mine.every((name) => existsSync(`${tmpdir()}/${name}`))) await delay(50)
    })
  }
})
