import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { availableParallelism } from 'node:os'
import type { Answer } from '../support/builders/http/given-http.ts'
import { register, send, signIn } from '../support/builders/http/given-http.ts'
import { metricOf, VERIFICATIONS } from '../support/processes/service/metrics-of.ts'
import { startPreparedService } from '../support/processes/service/prepared-data.ts'
import type { Service } from '../support/processes/service/start-service.ts'
import { quantile } from '../support/processes/timing/sample-statistics.ts'

const MILLISECONDS = 60_000

let service: Service
beforeAll(async () => {
  service = await startPreparedService({ environment: { RATE_LIMITS: 'off' } })
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

const me = (bearer: string) => send(service, 'GET', '/v1/users/me', { bearer })

describe('fifty times as many passwords at once as there are cores', () => {
  const OFFERED = 50 * availableParallelism()
  const BURSTS = 8
  const QUEUE = 64

  test(
    'are refused at once when the queue is full, and do not slow other requests [PW10]',
    async () => {
      const { user, tokens } = (await register(service)).body
      const timed = async (work: () => Promise<Answer>) => {
        const began = performance.now()
        const answer = await work()
        return { answer, milliseconds: performance.now() - began }
      }
      const before = await metricOf(service, VERIFICATIONS)
      const guesses: Awaited<ReturnType<typeof timed>>[] = []
      const reads: Awaited<ReturnType<typeof timed>>[] = []
      for (let burst = 0; burst < BURSTS; burst += 1) {
        let isOver = false
        const offered = Promise.all(
          Array.from({ length: OFFERED }, () =>
            timed(() => signIn(service, user.username, 'a guess at it all')),
          ),
        ).finally(() => {
          isOver = true
        })
        while (!isOver) reads.push(await timed(() => me(tokens.accessToken)))
        guesses.push(...(await offered))
      }

      const refused = guesses.filter(({ answer }) => answer.status === 503)
      expect(refused.length).toBeGreaterThan(0)
      expect(guesses.filter(({ answer }) => ![401, 503].includes(answer.status))).toEqual([])
      for (const { answer } of refused) {
        expect(answer.body.code).toBe('unavailable')
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      }
      // A caller that finds the queue full is refused at once; a caller in the queue, after at most two seconds.
      const atOnce = refused.filter(({ milliseconds }) => milliseconds < 1000)
      const beyondQueue = OFFERED - availableParallelism() - QUEUE
      expect(beyondQueue).toBeGreaterThan(0)
      expect(atOnce.length).toBeGreaterThanOrEqual(BURSTS * beyondQueue * 0.9)
      const verified = (await metricOf(service, VERIFICATIONS)) - before
      expect(verified).toBe(guesses.length - refused.length)

      // On an idle machine these take a few milliseconds. Behind the hashes they would take hundreds.
      expect(reads.map(({ answer }) => answer.status)).toEqual(Array(reads.length).fill(200))
      expect(
        quantile(
          reads.map(({ milliseconds }) => milliseconds),
          0.99,
        ),
      ).toBeLessThan(250)
    },
    MILLISECONDS,
  )
})
