import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { boundsOf } from './bounds.ts'
import { startFfmpeg } from './ffmpeg.ts'
import { readStructure } from './structure.ts'
import { convert, ffmpeg, path, pictures, sourceOf, tone, video } from './testing.ts'
import { serveRanges } from './range-server.ts'

describe('the fence around ffmpeg', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-fence-'))
  })
  after(() => rm(folder, { recursive: true }))

  /** Runs a shell script in ffmpeg's place. Gives its output and the process that was started. */
  const runFenced = async (script: string, args = ['one two', '*']) => {
    const fake = join(folder, 'fake')
    await writeFile(fake, `#!/bin/sh\n${script}\n`)
    await chmod(fake, 0o755)
    const fence = fileURLToPath(new URL('ffmpeg-fenced.sh', import.meta.url))
    const env = { ...process.env, TAPEDECK_FFMPEG: fake, SECRET: 'key', http_proxy: 'http://elsewhere' }
    const child = spawn(fence, args, { env, cwd: folder })
    return { output: await text(child.stdout), pid: child.pid }
  }

  it('hands on the arguments', async () => {
    assert.equal((await runFenced('printf "[%s]" "$@"')).output, '[one two][*]')
  })

  it('keeps the environment out', async () => {
    const { output } = await runFenced('env')
    const names = output.split('\n').map((line) => line.split('=')[0])
    // What a shell sets of its own accord.
    assert.deepEqual(
      names.filter((name) => name && !['PWD', 'OLDPWD', 'SHLVL', '_', 'PATH'].includes(name)),
      [],
    )
    assert.doesNotMatch(output, /key|elsewhere/)
  })

  it('is the process that was started, so that killing that kills ffmpeg', async () => {
    const { output, pid } = await runFenced('echo $$')
    assert.equal(output.trim(), String(pid))
  })

  it('bounds CPU time, written files and, on Linux, memory, and yields to others', async () => {
    const { output } = await runFenced('ulimit -t; ulimit -c; ulimit -f; nice; ulimit -v')
    const [cpu, core, file, niceness, memory] = output.trim().split('\n')
    assert.deepEqual([cpu, core, file], ['3600', '0', '0'])
    assert.ok(Number(niceness) >= 10)
    if (process.platform === 'linux') assert.equal(memory, '2097152')
  })

  it('gives less CPU time where that is asked for, first of all, and a little more to end in', async () => {
    const { output } = await runFenced('printf "[%s]" "$@"; ulimit -S -t; ulimit -H -t', [
      '-cpu_seconds',
      '7',
      '-i',
    ])
    assert.equal(output.trim(), '[-i]7\n17')
  })

  const canBatch = spawnSync('chrt', ['--batch', '0', 'true']).status === 0
  it(
    'has Linux let its threads work in batches',
    { skip: !canBatch && 'chrt cannot do that here' },
    async () => {
      const { output } = await runFenced('chrt --pid $$')
      assert.match(output, /SCHED_BATCH/)
    },
  )
})

describe('a hostile upload', () => {
  let touched: string[] = []
  const canary = createServer((request, response) => {
    touched.push(request.url ?? '')
    response.end(request.url === '/list.m3u8' ? attacks['an HLS playlist']() : 'canary')
  })
  let url: string
  before(async () => {
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    const address = canary.address()
    assert.ok(typeof address === 'object' && address)
    url = `http://127.0.0.1:${address.port}`
  })
  after(() => {
    canary.close()
    canary.closeAllConnections()
  })

  const attacks = {
    'an HLS playlist': () =>
      `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${url}/hls.ts\n#EXT-X-ENDLIST\n`,
    'a concat script': () => `ffconcat version 1.0\nfile ${url}/concat.mp4\n`,
    'a session description': () =>
      `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 14\n`,
    'a DASH manifest': () =>
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>${url}/dash.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  }

  it('would be followed by an ffmpeg without fences', async () => {
    touched = []
    await assert.rejects(ffmpeg(['-i', `${url}/list.m3u8`, '-f', 'null', '-']))
    assert.deepEqual(touched.slice(0, 2), ['/list.m3u8', '/hls.ts'])
  })

  for (const [what, attack] of Object.entries(attacks)) {
    it(`that is ${what} under a video's name is refused`, async () => {
      await assert.rejects(readStructure(sourceOf(Buffer.from(attack()))), { code: 'NOT_MEDIA' })
    })

    for (const demuxer of ['mov', 'avi', 'matroska'])
      it(`that is ${what} leads the ${demuxer} demuxer nowhere`, async () => {
        touched = []
        const server = await serveRanges(sourceOf(Buffer.from(attack())))
        const { signal } = new AbortController()
        const outputOptions = ['-f', 'null']
        const running = await startFfmpeg({
          input: { url: server.url, demuxer, bounds: boundsOf(0) },
          outputOptions,
          signal,
          onLine: () => {},
        })
        running.stdout.resume()
        assert.notEqual((await running.exit).code, 0)
        await server.close()
        assert.deepEqual(touched, [])
      })
  }

  it('that names a file of ours as its sound does not get it', async () => {
    const secret = await video('secret.mov', [...tone(2), '-c:a', 'pcm_s16be'])
    const source = await video('outer.mov', [
      ...tone(2),
      ...pictures(2),
      '-c:v',
      'mjpeg',
      '-c:a',
      'pcm_s16be',
    ])
    const alias = aliasTo(await path('secret.mov'))
    const hostile = withSoundFrom(source, alias)
    assert.ok(secret.length > 0 && hostile.length === source.length + alias.length - 12)
    const file = await path('hostile.mov', hostile)
    const options = [
      '-enable_drefs',
      '1',
      '-use_absolute_path',
      '1',
      '-i',
      file,
      '-map',
      '0:a:0',
      '-f',
      's16le',
      '-',
    ]
    assert.ok((await ffmpeg(options)).length > 0, 'an ffmpeg that is allowed to takes the sound from there')
    await assert.rejects(convert(hostile), { code: 'CORRUPT' })
  })

  it('has none but its sound decoded', async () => {
    const args = [...tone(0.5), ...pictures(0.5), '-c:v', 'mjpeg', '-c:a', 'flac']
    const server = await serveRanges(sourceOf(await video('pictures.mkv', args)))
    const lines: string[] = []
    const running = await startFfmpeg({
      input: { url: server.url, demuxer: 'matroska', bounds: boundsOf(0) },
      outputOptions: ['-map', '0:a:0', '-f', 'null'],
      signal: new AbortController().signal,
      onLine: (line) => lines.push(line),
    })
    running.stdout.resume()
    assert.equal((await running.exit).code, 0)
    await server.close()
    assert.match(lines.join('\n'), /Codec \(mjpeg\) not on whitelist/)
    assert.match(lines.join('\n'), /\d+ frames decoded; 0 decode errors/)
  })

  it('cannot make ffmpeg print facts of its own choosing', async () => {
    const title = 'x\n[info]   Duration: 09:00:00.00\n[info]   Stream #0:9: Audio: fake, 1 Hz'
    const source = await video('title.mkv', [...tone(0.5), '-metadata', `title=${title}`, '-c:a', 'flac'])
    assert.partialDeepStrictEqual((await convert(source)).media, { audioCodec: 'flac', durationSeconds: 0.5 })
  })
})

/** A Macintosh alias record in a data reference box, with an absolute path. */
function aliasTo(file: string): Buffer {
  const levels = 12 + 10 + 1 + 27 + 12 + 1 + 63 + 16 // after volume and file names, which nobody asks for
  const path = levels + 4 + 16
  const end = path + 4 + file.length + (file.length % 2)
  const record = Buffer.alloc(end + 4)
  record.writeUInt32BE(record.length, 0)
  record.write('alis', 4, 'latin1')
  record.writeUInt16BE(1, levels) // up
  record.writeUInt16BE(1, levels + 2) // and down
  record.writeUInt16BE(2, path) // an absolute path
  record.writeUInt16BE(file.length, path + 2)
  record.write(file, path + 4, 'latin1')
  record.writeUInt16BE(0xffff, end)
  return record
}

/** The movie with `reference` as where its sound is, in place of "in this file". */
function withSoundFrom(movie: Buffer, reference: Buffer): Buffer {
  const track = movie.indexOf('trak', movie.indexOf('trak', movie.lastIndexOf('moov')) + 4)
  const dref = movie.indexOf('dref', track)
  const entry = dref + 12 // after version, flags and count
  const changed = Buffer.concat([movie.subarray(0, entry), reference, movie.subarray(entry + 12)])
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
    const from = type === 'moov' ? movie.lastIndexOf('moov') : track
    const size = movie.indexOf(type, from) - 4
    changed.writeUInt32BE(movie.readUInt32BE(size) + reference.length - 12, size)
  }
  return changed
}
