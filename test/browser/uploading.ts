import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CDPSession, Locator, Page, Request, Route } from 'playwright-core'
import { signUp, type User } from '../accounts.ts'
import type { JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { writeLargeVideo } from './large-video.ts'
import { openPage, type OpenPage } from './open-page.ts'
import type { FilePayload, Visit } from './visit.ts'

export const mebibyte = 1024 * 1024
/** How much the page sends in one piece. */
export const pieceBytes = 8 * mebibyte
export const mp4 = 'video/mp4'

/** Whoever visits the page in a test. Each has an account of their own, so that nothing but their own files is listed. */
interface Visitor {
  user: User
  person: Visit
  page: Page
}

/** Requests that are held back. */
interface Held {
  /** Waits until there are so many. */
  has(count: number): Promise<void>
  /** Lets all through, those to come as well, unless something else is to become of those that are held. */
  letGo(how?: (route: Route) => Promise<void>): Promise<void>
}

/** What tests of uploads share: the page, and files to upload. */
export class Uploading {
  readonly opened: OpenPage
  readonly folder: string
  readonly video: Buffer<ArrayBuffer>
  /** What the browser may say in this test: it reports every refused request as an error. */
  expected: RegExp[] = []
  #visitor: Visitor | undefined

  private constructor(opened: OpenPage, folder: string, video: Buffer<ArrayBuffer>) {
    this.opened = opened
    this.folder = folder
    this.video = video
  }

  /** The server with these variables. */
  static async start(env: Record<string, string> = {}): Promise<Uploading> {
    const video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    const folder = await mkdtemp(join(tmpdir(), 'tapedeck-uploads-'))
    return new Uploading(await openPage(env), folder, video)
  }

  async stop(): Promise<void> {
    await this.opened.close()
    await rm(this.folder, { recursive: true })
  }

  /** Begins a visit; by default in a profile that is only in memory. */
  async visit({ quota, visit = this.opened.visit, tokenFor }: VisitOptions = {}): Promise<Visitor> {
    this.expected = []
    const user = await signUp(this.opened.client, undefined, quota)
    const person = await visit(`#token=${tokenFor ? await tokenFor(user) : user.token}`)
    this.#visitor = { user, person, page: person.page }
    await person.isSignedIn()
    return this.#visitor
  }

  async endVisit(): Promise<void> {
    const ending = this.#visitor
    this.#visitor = undefined
    await ending?.person.end(this.expected)
  }

  get #page(): Page {
    return this.#visitor?.page ?? assert.fail('nobody is there')
  }

  small(name: string): FilePayload {
    return { name, mimeType: mp4, buffer: this.video }
  }

  large(name: string, bytes = 9 * mebibyte): Promise<string> {
    return writeLargeVideo(join(this.folder, name), this.video, bytes)
  }

  /** The file's row while it is on its way here. */
  row(name: string): Locator {
    const list = this.#page.getByRole('list', { name: 'Uploads' })
    return list.getByRole('listitem').filter({ hasText: name })
  }

  async isShown(name: string, text: string | RegExp): Promise<void> {
    await this.row(name).getByText(text).first().waitFor()
  }

  async jobNamed(name: string): Promise<JobView & { options: Record<string, unknown> }> {
    const user = this.#visitor?.user
    const job = (await user?.list())?.find(({ filename }) => filename === name)
    return user?.json(`/status/${job?.id}`) ?? assert.fail(`no ${name}`)
  }

  /** Holds back what is sent to the bucket once a piece of a file is there. */
  holdLaterPieces(): Promise<Held> {
    return this.holdBack(`${this.opened.server.bucketUrl}/upload/**`, isLaterPiece)
  }

  async holdBack(url: string, isHeld: (request: Request) => boolean): Promise<Held> {
    const routes: Route[] = []
    let isOver = false
    let onHeld = (): void => {}
    await this.#page.route(url, async (route) => {
      if (isOver || !isHeld(route.request())) return route.continue()
      routes.push(route)
      onHeld()
    })
    return {
      has: (count) =>
        new Promise((resolve) => {
          onHeld = () => routes.length >= count && resolve()
          onHeld()
        }),
      async letGo(how = (route) => route.continue()) {
        isOver = true
        // One that was aborted meanwhile cannot be continued.
        await Promise.all(routes.map((route) => how(route).catch(() => undefined)))
      },
    }
  }

  /** The Content-Range of every piece that is sent from now on. */
  watchPieces(): string[] {
    const ranges: string[] = []
    this.#page.on('request', (request) => {
      const range = request.headers()['content-range']
      if (request.method() === 'PUT' && range !== undefined) ranges.push(range.replace(/^bytes /, ''))
    })
    return ranges
  }

  async throttle(bytesPerSecond: number): Promise<CDPSession> {
    const devtools = await this.#page.context().newCDPSession(this.#page)
    await devtools.send('Network.enable')
    await limit(devtools, bytesPerSecond)
    return devtools
  }
}

interface VisitOptions {
  quota?: Record<string, unknown>
  visit?: (address: string) => Promise<Visit>
  /** What the visitor signs in with, if not with any token. */
  tokenFor?: (user: User) => Promise<string>
}

export const isLaterPiece = (request: Request): boolean =>
  /^bytes [1-9]/.test(request.headers()['content-range'] ?? '')

/** How fast bytes may leave; -1: as fast as they can. */
export async function limit(devtools: CDPSession, bytesPerSecond: number, offline = false): Promise<void> {
  const conditions = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond }
  await devtools.send('Network.emulateNetworkConditions', conditions)
}

/** From where to where pieces went, without the questions how much is stored. */
export const spans = (ranges: string[]): [from: number, to: number][] =>
  ranges.flatMap((range): [number, number][] => {
    const match = /^(\d+)-(\d+)\//.exec(range)
    return match ? [[Number(match[1]), Number(match[2]) + 1]] : []
  })
