import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { searchFfmpeg } from './find-ffmpeg.ts'

describe('finding ffmpeg', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-find-'))
  })
  after(() => rm(folder, { recursive: true }))

  /** A folder with an `ffmpeg` that calls itself `version`, and has one encoder and two decoders. */
  const install = async (version: string, encoder: string): Promise<string> => {
    const bin = join(folder, version)
    await mkdir(bin)
    const decoders = 'echo " A....D aac heard"; echo " V....D h264 seen"; echo " A....D mp3float heard"'
    const script = `#!/bin/sh
echo "ffmpeg version ${version} Copyright" >&2
case $1 in
  -encoders) echo " A....D ${encoder} an encoder" ;;
  -decoders) ${decoders} ;;
esac
`
    await writeFile(join(bin, 'ffmpeg'), script)
    await chmod(join(bin, 'ffmpeg'), 0o755)
    return bin
  }

  it('takes FFMPEG_PATH before anything else', async () => {
    const [asked, other] = [await install('1.0', 'libmp3lame'), await install('1.1', 'libmp3lame')]
    const path = join(asked, 'ffmpeg')
    assert.deepEqual(await searchFfmpeg({ FFMPEG_PATH: path, PATH: other }), {
      path,
      version: '1.0',
      origin: 'FFMPEG_PATH',
      soundDecoders: ['aac', 'mp3float'],
    })
  })

  it('does not quietly take another if the one at FFMPEG_PATH does not do', async () => {
    const path = join(folder, 'nothing-here')
    await assert.rejects(searchFfmpeg({ FFMPEG_PATH: path, PATH: process.env['PATH'] }), new RegExp(path))
  })

  it('finds it on PATH, and passes over one that cannot make MP3s or does not run', async () => {
    const [lame, good] = [await install('2.0', 'libvorbis'), await install('2.1', 'libmp3lame')]
    const broken = join(folder, 'broken')
    await mkdir(broken)
    await writeFile(join(broken, 'ffmpeg'), 'no program')
    const found = await searchFfmpeg({ PATH: [folder, broken, lame, good].join(':') })
    // The package ffmpeg-static comes first where it is installed.
    if (found.origin === 'PATH')
      assert.partialDeepStrictEqual(found, { path: join(good, 'ffmpeg'), version: '2.1' })
    else assert.equal(found.origin, 'the package ffmpeg-static')
  })

  it('has ffmpeg running before anything else happens', async () => {
    const running = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length
    const [bin, before] = [await install('3.0', 'libmp3lame'), running()]
    const looking = searchFfmpeg({ FFMPEG_PATH: join(bin, 'ffmpeg') })
    assert.ok(running() > before)
    await looking
  })

  it('takes a package’s, or says how to get one', async () => {
    try {
      assert.match((await searchFfmpeg({ PATH: folder })).origin, /^the package /)
    } catch (error) {
      assert.match(
        String(error),
        /^Error: No ffmpeg with libmp3lame found\. Install one .* or set FFMPEG_PATH/,
      )
    }
  })
})
