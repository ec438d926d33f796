import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setSystemTime,
  spyOn,
  test,
} from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { dumpOf, openData } from '../../support/builders/database/open-data.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import type { ComposedService } from '../../support/builders/service/composed-service.ts'
import { composedService, jsonInit } from '../../support/builders/service/composed-service.ts'
import { metricOf } from '../../support/processes/service/metrics-of.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService } from '../../support/processes/service/start-service.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'

const MILLISECONDS = 90_000
/** A race that goes wrong in 1 round of 10 is missed by 1 in 14 runs of the short form, and by none of the long one. */
const RACE_ROUNDS = isLongRun ? 500 : 25

describe('sessions over HTTP', () => {
  // The service's address changes at a restart. The issuer of its tokens must not.
  const environment = { RATE_LIMITS: 'off', JWT_ISSUER: 'http://auth.example' }
  let service: Service
  beforeAll(async () => {
    service = await startPreparedService({ environment })
  }, MILLISECONDS)
  afterAll(async () => {
    await service.stop()
  })

  const me = (bearer: string) => send(service, 'GET', '/v1/users/me', { bearer })
  const refresh = (refreshToken: string): Promise<Answer> =>
    send(service, 'POST', '/v1/auth/refresh', { body: { refreshToken } })
  const logout = (refreshToken: string): Promise<Answer> =>
    send(service, 'POST', '/v1/auth/logout', { body: { refreshToken } })
  const sessionsOf = async (bearer: string): Promise<readonly Answer['body'][]> =>
    (await send(service, 'GET', '/v1/users/me/sessions', { bearer })).body.items

  test('a refresh gives a new pair that works, and the same pair again within the grace period [SE1, SE4]', async () => {
    const { tokens } = (await register(service)).body
    const first = await refresh(tokens.refreshToken)
    expect(first.status).toBe(200)
    expect(first.body.tokens.refreshToken).not.toBe(tokens.refreshToken)
    expect(first.body.tokens.accessToken).not.toBe(tokens.accessToken)
    expect((await me(first.body.tokens.accessToken)).status).toBe(200)
    const again = await refresh(tokens.refreshToken)
    expect([again.status, again.body.tokens.refreshToken]).toEqual([
      200,
      first.body.tokens.refreshToken,
    ])
    expect((await refresh(first.body.tokens.refreshToken)).status).toBe(200)
  })

  test(
    'a hundred refreshes of one token at once make one successor, round after round [SE3]',
    async () => {
      const { user, tokens } = (await register(service)).body
      let { accessToken, refreshToken } = tokens
      for (let round = 0; round < RACE_ROUNDS; round += 1) {
        const present = refreshToken
        const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(present)))
        expect(answers.filter(({ status }) => status !== 200)).toEqual([])
        const successors = new Set(answers.map(({ body }) => body.tokens.refreshToken))
        expect(successors.size).toBe(1)
        for (const { body } of answers) ({ accessToken, refreshToken } = body.tokens)
        expect(refreshToken).not.toBe(present)
      }
      expect((await me(accessToken)).body.id).toBe(user.id)
      expect(await sessionsOf(accessToken)).toHaveLength(1)
      expect(await metricOf(service, 'auth_refreshes_total{result="reused"}')).toBe(0)
    },
    isLongRun ? 10 * MILLISECONDS : MILLISECONDS,
  )

  test('signing out is confirmed each time, also for a text that was never a token [SE6]', async () => {
    const { tokens } = (await register(service)).body
    for (const token of [tokens.refreshToken, tokens.refreshToken, 'never.a.token'])
      expect((await logout(token)).status).toBe(204)
    expect((await refresh(tokens.refreshToken)).body.code).toBe('invalid-refresh-token')
    expect((await me(tokens.accessToken)).body.code).toBe('invalid-token')
  })

  test('a rotated token signs its session out as well [SE6]', async () => {
    const { tokens } = (await register(service)).body
    const { accessToken } = (await refresh(tokens.refreshToken)).body.tokens
    expect((await logout(tokens.refreshToken)).status).toBe(204)
    expect((await me(accessToken)).status).toBe(401)
  })

  test('one session ended, or all of one user, leaves every other as it was [SE7]', async () => {
    const { user, tokens: first } = (await register(service)).body
    const second = (await signIn(service, user.username)).body.tokens
    const stranger = (await register(service)).body.tokens
    const listed = await sessionsOf(first.accessToken)
    expect(listed.map(({ current }) => current)).toEqual([false, true])
    const kill = (id: string, bearer: string) =>
      send(service, 'DELETE', `/v1/users/me/sessions/${id}`, { bearer })

    expect(await kill(listed[0].id, stranger.accessToken)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    })
    expect((await me(second.accessToken)).status).toBe(200)
    expect((await kill(listed[0].id, first.accessToken)).status).toBe(204)
    expect((await me(second.accessToken)).status).toBe(401)
    expect((await refresh(second.refreshToken)).status).toBe(401)
    expect((await kill(listed[0].id, first.accessToken)).status).toBe(404)
    expect((await me(first.accessToken)).status).toBe(200)

    await send(service, 'POST', '/v1/auth/logout-all', { bearer: first.accessToken })
    expect((await refresh(first.refreshToken)).status).toBe(401)
    expect((await me(stranger.accessToken)).status).toBe(200)
    expect((await refresh(stranger.refreshToken)).status).toBe(200)
  })

  test('a refresh goes by POST and in the body only, and with no other token [SE11]', async () => {
    const { tokens } = (await register(service)).body
    const query = `?refreshToken=${tokens.refreshToken}`
    for (const [method, path, options, status] of [
      ['GET', '/v1/auth/refresh', {}, 405],
      ['HEAD', '/v1/auth/refresh', {}, 405],
      ['GET', `/v1/auth/refresh${query}`, {}, 405],
      ['POST', `/v1/auth/refresh${query}`, { body: {} }, 404],
      ['POST', '/v1/auth/refresh', { body: {}, bearer: tokens.refreshToken }, 422],
      ['POST', '/v1/auth/refresh', { body: { refreshToken: tokens.accessToken } }, 401],
    ] as const)
      expect([method, path, (await send(service, method, path, options)).status]).toEqual([
        method,
        path,
        status,
      ])
    expect((await refresh(tokens.refreshToken)).status).toBe(200)
  })

  test(
    'an ended session stays ended when the service is killed, and its data contains no token to present [SE10, SE12]',
    async () => {
      const { user, tokens: ended } = (await register(service)).body
      const living = (await signIn(service, user.username)).body.tokens
      await logout(ended.refreshToken)
      await service.stop('SIGKILL')

      const { dataDirectory } = service
      const database = await openData(dataDirectory)
      const dump = Object.values(await dumpOf(database)).join('\n')
      await database.close()
      expect(dump).toContain(user.id)
      for (const { accessToken, refreshToken } of [ended, living])
        for (const secret of [accessToken, refreshToken, refreshToken.split('.')[4], PASSWORD])
          expect(dump).not.toContain(secret)

      service = await startService({ dataDirectory, environment })
      expect((await refresh(ended.refreshToken)).status).toBe(401)
      expect((await me(ended.accessToken)).status).toBe(401)
      expect((await me(living.accessToken)).status).toBe(200)
      expect((await refresh(living.refreshToken)).status).toBe(200)
    },
    MILLISECONDS,
  )
})

describe('over time', () => {
  const IDLE = 3600
  const ABSOLUTE = 3 * 3600
  let service: ComposedService
  beforeAll(async () => {
    service = await composedService({
      RATE_LIMITS: 'off',
      REFRESH_IDLE_SECONDS: String(IDLE),
      REFRESH_ABSOLUTE_SECONDS: String(ABSOLUTE),
    })
  }, MILLISECONDS)
  // The clock only moves with `pass`, so that no session ends early on a slow machine.
  beforeEach(() => {
    setSystemTime(new Date())
  })
  afterEach(() => {
    setSystemTime()
  })
  afterAll(() => service.end())

  let people = 0
  const somebody = () => {
    people += 1
    return service.register(`sleeper${people}`)
  }
  const pass = (seconds: number) => setSystemTime(new Date(Date.now() + seconds * 1000))
  const refresh = async (refreshToken: string) => {
    const answer = await service.ask('/v1/auth/refresh', jsonInit('POST', { refreshToken }))
    return { status: answer.status, body: JSON.parse(await answer.text()) }
  }
  const me = async (bearer: string): Promise<number> =>
    (await service.ask('/v1/users/me', { headers: { authorization: `Bearer ${bearer}` } })).status
  const auditOf = async (id: string) =>
    (
      await service.database.query<{ action: string; result: string }>(
        'select action, result, session_id, address_prefix from audit_log where subject_id = $1 order by id',
        [id],
      )
    ).rows

  test('a refresh with a lost reply can be repeated until the grace period ends, and one second later is reuse [SE2, SE4]', async () => {
    const { id, tokens } = await somebody()
    const successor = (await refresh(tokens.refreshToken)).body.tokens
    pass(9)
    const repeated = await refresh(tokens.refreshToken)
    expect([repeated.status, repeated.body.tokens.refreshToken]).toEqual([
      200,
      successor.refreshToken,
    ])
    pass(2)
    expect(await refresh(tokens.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'invalid-refresh-token' },
    })
    for (const { accessToken, refreshToken } of [tokens, successor, repeated.body.tokens]) {
      expect(await me(accessToken)).toBe(401)
      expect((await refresh(refreshToken)).status).toBe(401)
    }
    expect(
      (await auditOf(id)).filter(({ action }) => action === 'security.refresh_reuse'),
    ).toMatchObject([
      { result: 'refused', session_id: expect.any(String), address_prefix: '192.0.2.1/32' },
    ])
  })

  test('a token is refused after its grace period even if its successor was never used [SE1]', async () => {
    const { tokens } = await somebody()
    await refresh(tokens.refreshToken)
    pass(11)
    expect((await refresh(tokens.refreshToken)).status).toBe(401)
  })

  test('a session that is not used for too long ends [SE5]', async () => {
    const { tokens } = await somebody()
    pass(IDLE + 1)
    expect((await refresh(tokens.refreshToken)).status).toBe(401)
  })

  test('a session in use ends at its absolute end, which no refresh moves [SE5]', async () => {
    let { tokens } = await somebody()
    for (let hour = 1; hour < 4; hour += 1) {
      pass(IDLE - 60)
      const { status, body } = await refresh(tokens.refreshToken)
      expect(status).toBe(200)
      const left = ABSOLUTE - hour * (IDLE - 60)
      expect(body.tokens.refreshExpiresIn).toBeLessThanOrEqual(Math.min(IDLE, left))
      tokens = body.tokens
    }
    pass(181)
    expect((await refresh(tokens.refreshToken)).status).toBe(401)
    expect(await me(tokens.accessToken)).toBe(401)
  })

  test('an inactive user cannot refresh [SE8]', async () => {
    const { id, tokens } = await somebody()
    await service.change(id, { isActive: false })
    expect(await refresh(tokens.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'invalid-refresh-token' },
    })
  })

  test('signing out is not confirmed while the store is down, and the token lives on until it is [SE6]', async () => {
    const { tokens } = await somebody()
    const logout = () =>
      service.ask('/v1/auth/logout', jsonInit('POST', { refreshToken: tokens.refreshToken }))
    const down = spyOn(service.database, 'transaction').mockImplementation(() =>
      Promise.reject(new Error('PGlite is closed')),
    )
    const unconfirmed = await logout()
    expect(unconfirmed.status).toBe(503)
    expect(Number(unconfirmed.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    down.mockRestore()
    expect(await me(tokens.accessToken)).toBe(200)
    expect((await logout()).status).toBe(204)
    expect(await me(tokens.accessToken)).toBe(401)
  })
})
