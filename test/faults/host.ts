import { once } from 'node:events'
import { createServer } from 'node:net'
import { descendantsOf } from '../../bench/speed/process-tree.ts'
import { freePort } from '../free-port.ts'
import { startServer, type TestServer } from '../server.ts'
import { variables } from './injected.ts'
import { journalVariable } from './journal.ts'

/** A server that is killed and started again, at the same address and over the same data. */
export interface Host {
  /** The last one that was started. It may have been killed since. */
  server(): TestServer
  start(options: { faults: boolean }): Promise<void>
  /** kill -9, with its ffmpegs or alone. */
  kill(what: 'all' | 'alone'): Promise<void>
  /** As a person does. */
  stop(): Promise<void>
  /** Every ffmpeg of a server that was killed alone. */
  orphans: Set<number>
  /** What servers have said that ended by themselves. */
  crashes: string[]
}

export interface HostOptions {
  dataDir: string
  seed: number
  /** Where the servers write down what happens. */
  journal: string
  env: Record<string, string>
}

const preload = `--import ${import.meta.resolve('./inject.ts')}`

export async function openHost({ dataDir, seed, journal, env }: HostOptions): Promise<Host> {
  const PORT = String(await freePorts())
  const orphans = new Set<number>()
  const crashes: string[] = []
  let starts = 0
  let current: TestServer | undefined
  let isWanted = false
  function server(): TestServer {
    if (!current) throw new Error('It was never started.')
    return current
  }
  return {
    orphans,
    crashes,
    server,
    async kill(what) {
      isWanted = false
      const { process } = server()
      if (what === 'all') return server().kill()
      for (const pid of childrenOf(server())) orphans.add(pid)
      const ended = process.exitCode === null && process.signalCode === null && once(process, 'exit')
      process.kill('SIGKILL')
      await ended
    },
    async stop() {
      isWanted = false
      await server().stop()
    },
    async start({ faults }) {
      const noting = { NODE_OPTIONS: preload, [journalVariable]: journal }
      const injecting = { [variables.seed]: String(seed), [variables.start]: String(++starts) }
      const started = await startServer({
        dataDir,
        env: { ...env, PORT, ...noting, ...(faults && injecting) },
      })
      isWanted = true
      current = started
      started.process.once('exit', () => {
        if (isWanted) crashes.push(started.log().slice(-2000))
      })
    },
  }
}

/** A port that is free, and so is the next one, on which the buckets listen. */
async function freePorts(): Promise<number> {
  for (;;) {
    const port = await freePort()
    const next = createServer().listen(port + 1, '127.0.0.1')
    try {
      await once(next, 'listening')
      next.close()
      return port
    } catch {
      // Somebody else has that one.
    }
  }
}

/** The ffmpegs that a server has now. */
export const childrenOf = ({ process: { pid } }: TestServer): number[] =>
  pid === undefined ? [] : descendantsOf(pid)
