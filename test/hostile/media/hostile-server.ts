import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { boundsOf } from '../../../functions/transcode/media/bounds.ts'
import { Client, type JobView } from '../../client.ts'
import { startServer, type TestServer } from '../../server.ts'
import { openCanary, type Canary } from './canary.ts'
import { pollStatus } from './poller.ts'
import { mostAddressBytes, watchChildren, type Taken } from './watch.ts'

/** A server that gets hostile files, is watched meanwhile, and has a canary beside it. */
export interface HostileServer {
  canary: Canary
  /** Uploads a file, and waits until its job is over: no longer than an ffmpeg may compute on a file of its size. */
  convert(filename: string, bytes: Buffer): Promise<JobView>
  /** Asserts that nothing has happened that must not. Tells what was seen. */
  assertUnharmed(): Promise<Taken & { slowestMs: number }>
  stop(): Promise<void>
}

// While both cores work on hostile files. Only a server that hangs takes so long.
const mostAnswerMs = 5000

export async function startHostileServer(): Promise<HostileServer> {
  const canary = await openCanary()
  const server = await startServer()
  const client = new Client(server)
  const poller = pollStatus(server)
  const watch = watchChildren(server.process.pid ?? 0)
  return {
    canary,
    async convert(filename, bytes) {
      watch.expect(bytes.length)
      const { cpuSeconds } = boundsOf(bytes.length)
      const timeIsUp = AbortSignal.timeout(cpuSeconds * 1000)
      const { id } = await client.uploadEither({ filename, bytes: Buffer.from(bytes) })
      for (;;) {
        const job = await client.job(id)
        if (job.status === 'MP3_COMPLETED' || job.status === 'FAILED') return job
        assert.ok(!timeIsUp.aborted, `it is ${job.status} after ${cpuSeconds} s`)
        // Hundreds wait: asking more often would be most of the work.
        await delay(150)
      }
    },
    async assertUnharmed() {
      const { answers, slowestMs } = await poller.stop()
      const taken = await watch.stop()
      assert.deepEqual([...answers.keys()], ['200'], 'every question was answered')
      assert.ok(slowestMs < mostAnswerMs, `an answer took ${slowestMs} ms`)
      assert.ok(watch.isBlind || taken.children > 0, 'somebody was watched')
      assert.deepEqual(taken.unbounded, [])
      assert.ok(taken.cpuShare <= 1, `an ffmpeg took ${taken.cpuShare} of its CPU time`)
      assert.ok(taken.addressBytes <= mostAddressBytes, `an ffmpeg had ${taken.addressBytes} bytes`)
      assert.deepEqual(await canary.touches(), [], 'the canary sings')
      assert.deepEqual(await whereIs(canary.secret, server), [])
      return { ...taken, slowestMs }
    },
    async stop() {
      await server.stop()
      await canary.close()
    },
  }
}

/** In which files of the server, or in its log, this text is. */
async function whereIs(secret: string, server: TestServer): Promise<string[]> {
  const found = server.log().includes(secret) ? ['the log'] : []
  for (const entry of await readdir(server.dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    // What the server has removed by now holds nothing.
    if ((await readFile(path).catch(() => Buffer.alloc(0))).includes(secret)) found.push(path)
  }
  return found
}
