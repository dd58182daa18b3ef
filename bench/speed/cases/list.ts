import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { userId } from '../../../lib/users.ts'
import { signUp } from '../../../test/accounts.ts'
import { Client } from '../../../test/client.ts'
import { startServer } from '../../../test/server.ts'
import { inTurns, median, type Case, type Line, type Options } from '../case.ts'
import { fillJobs } from '../fill.ts'

const email = 'owner@example.com'
const page = 50

/** How long the newest page of a list takes, among many jobs and among few. */
export const list: Case = {
  name: 'list',
  async run({ quick, rounds }: Options): Promise<Line[]> {
    const [many, few] = quick ? [2000, 200] : [100_000, 1000]
    return withJobs(many, (large) =>
      withJobs(few, async (small) => {
        const requests = quick ? 20 : 60
        const lines: Line[] = []
        for (const who of ['owner', 'admin'] as const) {
          // Whatever is slow only the first time is over then.
          await pageTime(large[who], requests)
          await pageTime(small[who], requests)
          const { ours, theirs } = await inTurns(rounds, {
            ours: () => pageTime(large[who], requests),
            theirs: () => pageTime(small[who], requests),
          })
          lines.push({
            name: `GET /status, ${page} of ${many.toLocaleString('en')} jobs, ${titles[who]}`,
            peer: `the same of ${few.toLocaleString('en')} jobs`,
            ours: `${ours.toFixed(2)} ms`,
            theirs: `${theirs.toFixed(2)} ms`,
            value: ours / theirs,
            limit: 1.2,
            bound: 'most',
            note: `the median of ${requests} requests, one after the other`,
          })
        }
        return lines
      }),
    )
  },
}

const titles = { owner: 'by their owner', admin: "everybody's, by an administrator" } as const

type Clients = Record<keyof typeof titles, Client>

/** Runs `work` with clients of a server that has so many jobs, all of one owner. */
async function withJobs<T>(count: number, work: (clients: Clients) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-bench-'))
  try {
    await fillJobs(dataDir, userId(email), count)
    const server = await startServer({ dataDir })
    try {
      const admin = new Client(server)
      return await work({ admin, owner: await signUp(admin, email) })
    } finally {
      await server.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true })
  }
}

/** Milliseconds, the median of so many requests. */
async function pageTime(client: Client, requests: number): Promise<number> {
  const times: number[] = []
  for (let request = 0; request < requests; request++) {
    const begun = performance.now()
    const { jobs } = await client.json<{ jobs: unknown[] }>(`/status?limit=${page}`)
    times.push(performance.now() - begun)
    if (jobs.length !== page) throw new Error(`A page of ${page} jobs has ${jobs.length}.`)
  }
  return median(times)
}
