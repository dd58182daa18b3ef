import { after, before, describe } from 'node:test'
import { notLocal, startServer, surroundings, unavailable, type TestServer } from '../../server.ts'
import { forgedEvents } from './forged.ts'
import { fuzz } from './fuzz.ts'
import { isLong } from '../effort.ts'
import { keepFigures } from '../figures.ts'
import { trafficReport } from './testing/request.ts'
import { wire } from './wire.ts'

// The one with more in between.
for (const [where, env] of isLong ? surroundings : surroundings.slice(-1))
  describe(`A server ${where} bears`, { skip: unavailable, timeout: 3_600_000 }, () => {
    let server: TestServer
    before(async () => {
      server = await startServer({ env })
    })
    after(async () => {
      await server?.stop()
      if (isLong) await keepFigures('hostile clients', 'requests to every route', trafficReport())
    })

    describe('on the wire', { skip: notLocal }, () => {
      forgedEvents(() => server)
      wire(() => server)
    })
    fuzz(() => server)
  })
