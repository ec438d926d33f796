import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { send, signIn } from '../../support/builders/http/given-http.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { expectHealth } from '../../support/processes/service/expect-health.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import {
  givenPeople,
  keepAsking,
  slowestOf,
  statusesOf,
  timed,
} from '../../support/processes/service/steady-load.ts'
import { eventually, until } from '../../support/processes/timing/eventually.ts'
import type { Server } from '../../support/servers/provide/server.ts'
import { givenRedisServer } from '../../support/servers/redis/given-redis.ts'

afterAll(closeSites)

const REDIRECT_URI = 'https://app.example.com/signed-in'

let redis: Server
let service: Service
let people: readonly Person[]

beforeAll(async () => {
  redis = await givenRedisServer()
  const site = await givenSite({
    redisUrl: redis.url,
    environment: {
      RATE_LIMIT_SIGN_IN_ACCOUNT_PREFIX: '10/600',
      OAUTH_REDIRECT_URIS: REDIRECT_URI,
      LINE_CHANNEL_ID: 'channel',
      LINE_CHANNEL_SECRET: 'of-nobody',
    },
  })
  service = await site.start()
  people = await givenPeople(service, 4)
}, 60_000)

/** The answers to the start and to the end of a sign-in through a provider. Neither asks a provider anything. */
const throughProvider = async () => {
  const query = new URLSearchParams({
    redirect_uri: REDIRECT_URI,
    state: 'state',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  })
  const begun = await fetch(`${service.url}/v1/auth/oauth/line?${query}`, { redirect: 'manual' })
  const ended = await send(service, 'POST', '/v1/auth/oauth/exchange', {
    body: {
      code: 'c'.repeat(43),
      state: 'state',
      redirectUri: REDIRECT_URI,
      codeVerifier: 'v'.repeat(43),
    },
  })
  return [begun.status, ended.status]
}

const signingIn = () =>
  keepAsking(people.length - 1, (caller) =>
    timed(() => signIn(service, people[caller]?.username ?? '')),
  )

/** Sends wrong passwords for one account until one is refused by a limit. Answers how many were checked. */
const guessUntilLimited = async ({ username }: Person): Promise<number> => {
  for (let guesses = 0; guesses < 20; guesses += 1) {
    const { status } = await signIn(service, username, `${PASSWORD} no`)
    if (status === 429) return guesses
    expect(status).toBe(401)
  }
  return Number.POSITIVE_INFINITY
}

describe('Redis in the middle of sign-ins', () => {
  test('is killed: sign-ins succeed as before, and health says so', async () => {
    const load = signingIn()
    await Bun.sleep(1000)
    await redis.kill()
    await expectHealth(service, { status: 'degraded', db: 'ok', redis: 'unavailable', nats: 'ok' })
    const before = load.answered()
    await until('20 more have been let in', () => load.answered() >= before + 20, 30)
    const answers = await load.stop()
    expect(statusesOf(answers)).toEqual({ 200: answers.length })
    expect(slowestOf(answers)).toBeLessThan(3000)
    await service.seen('redis.lost')
  }, 60_000)

  test('stays away: guessing is limited by each instance, at half the budget', async () => {
    const [, , , guessed] = people
    if (guessed === undefined) throw new Error('nobody there')
    expect(await guessUntilLimited(guessed)).toBe(5)
  }, 30_000)

  test('stays away: signing in through a provider is refused at once, and says when to come again', async () => {
    const times: number[] = []
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const began = performance.now()
      expect(await throughProvider()).toEqual([503, 503])
      times.push((performance.now() - began) / 2)
    }
    // The quickest of several, because other programs run here too.
    expect(Math.min(...times)).toBeLessThan(250)
  }, 30_000)

  test('comes back: it is found again by itself', async () => {
    const load = signingIn()
    await redis.start()
    await expectHealth(service, { status: 'healthy' })
    await eventually('served again', 10, async () =>
      expect(await throughProvider()).toEqual([302, 400]),
    )
    const answers = await load.stop()
    expect(statusesOf(answers)).toEqual({ 200: answers.length })
    await service.seen('redis.back')
  }, 30_000)

  test('freezes: no request waits long for it', async () => {
    const load = signingIn()
    await Bun.sleep(500)
    await redis.freeze()
    await Bun.sleep(4000)
    await expectHealth(service, { status: 'degraded', redis: 'unavailable' })
    const answers = await load.stop()
    expect(statusesOf(answers)).toEqual({ 200: answers.length })
    expect(slowestOf(answers)).toBeLessThan(3000)
    await redis.thaw()
    await expectHealth(service, { status: 'healthy' })
  }, 40_000)
})
