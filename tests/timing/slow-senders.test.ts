import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { register, send } from '../support/builders/http/given-http.ts'
import { startPreparedService } from '../support/processes/service/prepared-data.ts'
import { rawRequest } from '../support/processes/service/raw-request.ts'
import type { Service } from '../support/processes/service/start-service.ts'
import { quantile } from '../support/processes/timing/sample-statistics.ts'

const MILLISECONDS = 60_000

let service: Service
let bearer: string
beforeAll(async () => {
  service = await startPreparedService({ environment: { RATE_LIMITS: 'off' } })
  bearer = (await register(service)).body.tokens.accessToken
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

describe('a slow sender', () => {
  const HEAD = 'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  const slow = {
    'of nothing': ['', undefined],
    'of half a request line': ['GET /hea', undefined],
    'of half a header': ['GET /health HTTP/1.1\r\nHost: x\r\n', undefined],
    'of a dripping header': ['GET /health HTTP/1.1\r\nHost: x\r\nX: ', 'a'],
    'of dripping headers': ['GET /health HTTP/1.1\r\nHost: x\r\n', 'X: a\r\n'],
    'of no body': [`${HEAD}Content-Length: 100\r\n\r\n`, undefined],
    'of half a body': [`${HEAD}Content-Length: 100\r\n\r\n{`, undefined],
    'of a dripping body': [`${HEAD}Content-Length: 1000\r\n\r\n{`, ' '],
    'of dripping chunks': [`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
    'of a body nobody asked for': [
      `GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`,
      ' ',
    ],
  } as const

  const SOCKETS = 1000
  const READS = 400

  test(
    'is disconnected within 15 seconds, and a thousand of them do not slow other requests [HH3]',
    async () => {
      const timeToRead = async (): Promise<number> => {
        const began = performance.now()
        expect((await send(service, 'GET', '/v1/users/me', { bearer })).status).toBe(200)
        return performance.now() - began
      }
      const read = async () => {
        const times: number[] = []
        for (let index = 0; index < READS; index += 1) times.push(await timeToRead())
        return quantile(times, 0.99)
      }
      await read()
      const alone = await read()
      const kinds = Object.entries(slow)
      const senders = Array.from({ length: SOCKETS }, async (_, index) => {
        const [name, [text, drip]] = kinds[index % kinds.length] ?? ['', ['', undefined]]
        const answer = await rawRequest(service, text, {
          patienceMilliseconds: 20_000,
          ...(drip !== undefined && { drip: { text: drip, everyMilliseconds: 2000 } }),
        })
        return { name, ...answer }
      })
      await Bun.sleep(1000)
      const beside = [await read(), await read(), await read()]
      const ended = await Promise.all(senders)

      const kept = ended.filter(({ closed, milliseconds }) => !closed || milliseconds > 15_500)
      expect(kept.map(({ name, milliseconds }) => `${name}: ${milliseconds}`)).toEqual([])
      // The best of three, because other load on the machine shows in a single 99th percentile. Below 5 ms everything is noise.
      expect(Math.min(...beside)).toBeLessThan(Math.max(2 * alone, 5))
    },
    MILLISECONDS,
  )
})
