import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { serveAsPeer } from '../peer.ts'

/** Pipes the body of each request to a file, and answers once it is on the disk; the file is removed after that. */

const path = join(process.argv[2] ?? '.', 'body')

async function store(req: IncomingMessage, res: ServerResponse): Promise<void> {
  // `flush`: fsync before it is closed.
  await pipeline(req, createWriteStream(path, { flush: true }))
  res.end()
  await rm(path)
}

// A fault ends the process, and so the benchmark.
serveAsPeer(createServer({ requestTimeout: 0 }, (req, res) => void store(req, res)))
