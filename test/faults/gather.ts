import { mp3Name, mp4Name } from '../../lib/jobs/names.ts'
import { Client } from '../client.ts'
import type { MailServer } from '../mail-server.ts'
import { untilAtRest, untilNothingIsToCome, type RestOptions } from './at-rest.ts'
import type { People } from './client.ts'
import type { Evidence } from './evidence.ts'
import type { Host } from './host.ts'
import { readJournal } from './journal.ts'
import type { Source } from './sources.ts'

export interface GatherOptions extends Omit<RestOptions, 'accepted'> {
  host: Host
  people: People
  sources: readonly Source[]
  mails: MailServer['mails']
}

/** Gathers what the checks look at, at the very end: once all is at rest, again after every file was asked for. */
export async function gather(options: GatherOptions): Promise<Evidence> {
  const { host, people, sources, mails, read, journal } = options
  const { accepted, requests } = people
  const rest = { ...options, accepted: new Set(accepted.map(({ id }) => id)) }
  await untilNothingIsToCome(rest)
  const files = new Map<string, Buffer>()
  for (const [id, { status, video }] of (await read()).jobs) {
    if (status !== 'MP3_COMPLETED') continue
    const kinds = video && 'name' in video ? (['mp3', 'mp4'] as const) : (['mp3'] as const)
    for (const kind of kinds) {
      const bytes = await download(people, id, kind)
      if (bytes) files.set(kind === 'mp3' ? mp3Name(id) : mp4Name(id), bytes)
    }
  }
  const { stored, missing } = await untilAtRest(rest)
  const listed = new Set((await new Client(host.server()).list()).map(({ id }) => id))
  return {
    ...{ sources, accepted, requests, stored, listed, files, missing },
    journal: await readJournal(journal),
    mails: mails.map(({ email }) => email.text ?? ''),
  }
}

async function download(people: People, id: string, kind: 'mp3' | 'mp4'): Promise<Buffer | undefined> {
  const url = await people.askFor(id, kind)
  if (url === undefined) return undefined
  const response = await fetch(url)
  return response.status === 200 ? Buffer.from(await response.arrayBuffer()) : undefined
}
