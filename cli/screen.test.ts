import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeVideo } from '../test/media.ts'
import { makePlace } from './testing/run.ts'

// util-linux's, which gives a command a terminal and writes down what it shows.
const hasScript = process.platform === 'linux' && existsSync('/usr/bin/script')

describe('On a terminal', { timeout: 30_000, skip: !hasScript && 'needs /usr/bin/script' }, () => {
  it('the command line draws bars, and leaves the results', async () => {
    const place = await makePlace()
    try {
      await writeFile(join(place.folder, 'clip.mp4'), await makeVideo({ format: ['mp4'], audio: ['aac'] }))
      await writeFile(join(place.folder, 'notes.mp4'), 'text')
      const convert = join(import.meta.dirname, 'convert.ts')
      const command = `stty cols 100 rows 30; exec '${process.execPath}' '${convert}' clip.mp4 notes.mp4`
      const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], {
        cwd: place.folder,
        env: { ...process.env, TMPDIR: place.temp, TERM: 'xterm' },
        encoding: 'utf8',
      })
      assert.equal(status, 1)
      assert.match(stdout, /clip\.mp4 +[█░]{24} +\d+ %  /)
      const shown = screenAfter(stdout)
      assert.doesNotMatch(shown, /[█░]/, 'no bar is left')
      assert.match(shown, /^clip\.mp4 → clip\.mp3 /m)
      assert.match(shown, /^notes\.mp4 failed: .*\n?.*NOT_MEDIA/m)
      assert.match(shown, /^1 converted, 1 failed\n$/m)
      assert.doesNotMatch(stdout, /"severity"|^(info|warning|error) /m, "the server's log is not shown")
      assert.deepEqual(await readdir(place.temp), [])
    } finally {
      await place.remove()
    }
  })
})

/** What a terminal shows after these characters: enough of one for cursor movements and erasing. */
function screenAfter(output: string): string {
  const rows: string[] = ['']
  let row = 0
  let column = 0
  for (const [token] of output.matchAll(/\p{Cc}\[[?\d;]*[A-Za-z]|[\s\S]/gu)) {
    const [, count = '', code = ''] = /^\p{Cc}\[([?\d;]*)([A-Za-z])$/u.exec(token) ?? []
    if (code === 'A') row = Math.max(0, row - Number(count || 1))
    else if (code === 'B') row += Number(count || 1)
    else if (code === 'G') column = Number(count || 1) - 1
    else if (code === 'K') rows[row] = count === '2' ? '' : (rows[row] ?? '').slice(0, column)
    else if (code === 'J') rows.splice(row, rows.length, (rows[row] ?? '').slice(0, column))
    else if (token === '\r') column = 0
    else if (token === '\n') row += 1
    else if (code === '') {
      rows[row] =
        (rows[row] ?? '').slice(0, column).padEnd(column) + token + (rows[row] ?? '').slice(column + 1)
      column += 1
    }
    while (rows.length <= row) rows.push('')
  }
  return rows.map((line) => line.trimEnd()).join('\n')
}
