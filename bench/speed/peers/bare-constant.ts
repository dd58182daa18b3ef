import { createServer } from 'node:http'
import { serveAsPeer } from '../peer.ts'

/** Answers every request with the same JSON, and does nothing else: what Node itself can do. */

const body = process.argv[2] ?? '{}'

serveAsPeer(
  createServer((_req, res) => {
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    res.end(body)
  }),
)
