import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Account } from '../load/k6/registration.ts'
import { registerUsers } from '../load/run/register-users.ts'
import { removeRunFolder } from '../support/processes/test-run/test-run.ts'

setDefaultTimeout(60_000)
afterAll(removeRunFolder)

type Behaviour = {
  /** Requests wait until so many are there, or until `count` have come. */
  readonly together?: number
  readonly count?: number
  readonly expiresIn?: number
  /** The requests that are answered 429. */
  readonly refused?: (request: number) => boolean
}

/** A service that registers. */
const givenService = (behaviour: Behaviour = {}) => {
  const { together = 1, count = 0, expiresIn = 600, refused = () => false } = behaviour
  const usernames: string[] = []
  const seen = { requests: 0, inFlight: 0, most: 0 }
  let waiting: (() => void)[] = []
  const answer = async (request: Request, number: number): Promise<Response> => {
    const { username } = (await request.json()) as { readonly username: string }
    usernames.push(username)
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push(resolve)
    if (waiting.length >= together || seen.requests >= count) {
      const ready = waiting
      waiting = []
      await roundTrips(1)
      for (const go of ready) go()
    }
    await promise
    const tokens = { accessToken: `a ${username}`, refreshToken: `r ${username}`, expiresIn }
    return Response.json({ tokens, user: { username } }, { status: refused(number) ? 429 : 201 })
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      if (request.method === 'GET') return new Response()
      seen.requests += 1
      seen.inFlight += 1
      seen.most = Math.max(seen.most, seen.inFlight)
      return answer(request, seen.requests).finally(() => {
        seen.inFlight -= 1
      })
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  /** After these, what others had sent before is here too. */
  const roundTrips = async (times: number): Promise<void> => {
    for (let made = 0; made < times; made += 1) await fetch(url)
  }
  return { url, usernames, seen, roundTrips, stop: () => server.stop(true) }
}

const CHANGING = { usersChange: true }
const load = (users: number) => ({ users, seconds: 60, warmUpSeconds: 20 })

describe('the users of a load suite', () => {
  test('are registered before k6 starts, and are in a file that only this user can read', async () => {
    const service = givenService()
    const { USERS_FILE: file = '' } = await registerUsers([service.url], CHANGING, load(50))
    const users: Account[] = JSON.parse(readFileSync(file, 'utf8'))
    expect(users.map(({ username }) => username).toSorted()).toEqual(service.usernames.toSorted())
    expect(new Set(service.usernames).size).toBe(50)
    for (const { access, refresh, username } of users)
      expect({ access, refresh }).toEqual({ access: `a ${username}`, refresh: `r ${username}` })
    expect(statSync(file).mode & 0o077).toBe(0)
    await service.stop()
  })

  test('register at the same time, but not more than the service accepts from one client', async () => {
    const together = availableParallelism() + 6
    const service = givenService({ count: 4 * together, together })
    await registerUsers([service.url], CHANGING, load(4 * together))
    expect(service.seen.most).toBe(together)
    await service.stop()
  })

  test('register at all instances in turn', async () => {
    const [one, other] = [givenService(), givenService()]
    await registerUsers([one.url, other.url], CHANGING, load(20))
    expect([one.seen.requests, other.seen.requests]).toEqual([10, 10])
    await Promise.all([one.stop(), other.stop()])
  })

  test('are none for a suite that needs none', async () => {
    expect(await registerUsers([], CHANGING, load(0))).toEqual({})
  })

  test('stop the run when one is refused, and no more are registered', async () => {
    const service = givenService({ refused: (request) => request === 1 })
    await expect(registerUsers([service.url], CHANGING, load(10_000))).rejects.toThrow(
      /answered 429.*RATE_LIMIT_/,
    )
    await service.roundTrips(50)
    expect(service.seen.requests).toBeLessThan(100)
    await service.stop()
  })

  test('stop the run when their access tokens would expire before its end', async () => {
    const service = givenService({ expiresIn: 90 })
    await expect(registerUsers([service.url], CHANGING, load(10_000))).rejects.toThrow(
      /tokens live 90 s and would expire before the end: 1 of 10000 .* the run takes 90 s/,
    )
    await service.stop()
    expect(service.seen.requests).toBeLessThan(200)
  })

  test('may have access tokens that expire when the suite does not change them', async () => {
    const service = givenService({ expiresIn: 90 })
    const users = await registerUsers([service.url], { usersChange: false }, load(10))
    expect(users).toHaveProperty('USERS_FILE')
    await service.stop()
  })
})
