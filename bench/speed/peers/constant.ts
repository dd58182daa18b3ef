import { createServer } from 'node:http'
import { http } from '@google-cloud/functions-framework'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { keepRequestsRaw } from '../../../lib/http/raw-request.ts'
import { serveAsPeer } from '../peer.ts'

/** Hosts a function that answers every request with the same JSON, by functions-framework behind a Node server like the gateway's. */

const body = process.argv[2] ?? '{}'

keepRequestsRaw()
http('constant', (_req, res) => {
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.end(body)
})
const hosted = getTestServer('constant')
serveAsPeer(createServer((req, res) => void hosted.emit('request', req, res)))
