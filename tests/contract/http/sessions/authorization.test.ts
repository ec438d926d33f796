import { describe, expect, test } from 'bun:test'
import { bearer, givenApi, jsonRequest } from '../given-api.ts'
import { BODIES, PUBLIC_ROUTES, pathOf, problemCode, routesOf, sendTo } from '../given-routes.ts'

const guarded = (api: ReturnType<typeof givenApi>) =>
  routesOf(api).filter(({ name }) => !PUBLIC_ROUTES.includes(name))

describe('the route table', () => {
  test('has a guard for every route that is not on the public list [AZ9]', async () => {
    const api = givenApi()
    for (const route of guarded(api)) {
      const response = await api.send(pathOf(route), { method: route.method })
      expect([route.name, response.status]).toEqual([route.name, 401])
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(await problemCode(response)).toBe('unauthenticated')
    }
    expect(guarded(api).length).toBeGreaterThanOrEqual(9)
  })

  test('the public list names no route that does not exist', () => {
    const names = routesOf(givenApi()).map(({ name }) => name)
    expect(PUBLIC_ROUTES.filter((name) => !names.includes(name))).toEqual([])
  })

  test('a token that the service did not issue is refused on every guarded route, before the body is checked', async () => {
    const api = givenApi()
    for (const route of guarded(api)) {
      const response = await sendTo(api, route, {
        headers: { authorization: 'Bearer nobody.issued.this', 'content-type': 'text/plain' },
        ...(route.name in BODIES ? { body: 'no json' } : {}),
      })
      expect([route.name, response.status]).toEqual([route.name, 401])
      expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    }
  })

  test('a replay is closed to users and moderators and open to administrators [AZ1]', async () => {
    const { send } = givenApi()
    const asked = await Promise.all(
      (['user', 'moderator', 'admin'] as const).map((role) =>
        send('/v1/admin/events/replay', jsonRequest('POST', { channel: 'nats:user.events' }, role)),
      ),
    )
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 202])
  })

  test('dead letters are closed to users and moderators and open to administrators [AZ1]', async () => {
    const { send } = givenApi()
    const asked = await Promise.all(
      (['user', 'moderator', 'admin'] as const).map(async (role) => [
        (await send('/v1/admin/dead-letters', { headers: bearer(role) })).status,
        (
          await send(
            '/v1/admin/dead-letters/redrive',
            jsonRequest('POST', { consumer: 'backend' }, role),
          )
        ).status,
      ]),
    )
    expect(asked).toEqual([
      [403, 403],
      [403, 403],
      [200, 202],
    ])
  })

  test('the ledger is closed to users and moderators and open to administrators [AZ1]', async () => {
    const { send } = givenApi()
    const asked = await Promise.all(
      (['user', 'moderator', 'admin'] as const).map((role) =>
        send('/v1/admin/events', { headers: bearer(role) }),
      ),
    )
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 200])
  })
})

describe('the Authorization header', () => {
  const me = (authorization: string, given = {}) =>
    givenApi(given).send('/v1/users/me', { headers: { authorization } })

  test('its scheme is read in any case', async () => {
    expect((await me('bEARER user-token')).status).toBe(200)
  })

  test('another scheme counts as no token', async () => {
    const response = await me('Basic am86eA==')
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  test.each(['Bearer', 'Bearer a b', 'Bearer a,Bearer b', 'Bearer "a"', 'Bearer ä'])(
    'a malformed token is refused as invalid: %p',
    async (authorization) => {
      const response = await me(authorization)
      expect(response.status).toBe(401)
      expect(await problemCode(response)).toBe('invalid-token')
    },
  )

  test('a token of 15 kB is refused before it is verified [JW11]', async () => {
    let looked = 0
    const authenticate = async () => {
      looked += 1
      return null
    }
    const response = await me(`Bearer ${'a'.repeat(15_000)}`, { authenticate })
    expect(response.status).toBe(401)
    expect(looked).toBe(0)
  })

  test('a token in the query or the body signs nobody in [AZ2]', async () => {
    const { send } = givenApi()
    expect((await send('/v1/users/me?access_token=user-token')).status).toBe(401)
    const patch = await send('/v1/users/me', jsonRequest('PATCH', { access_token: 'user-token' }))
    expect(patch.status).toBe(401)
  })
})

describe('a caller who vanished after the guard', () => {
  test('is told that the token is invalid [JW13]', async () => {
    const { send } = givenApi({ readProfile: async () => null })
    const response = await send('/v1/users/me', { headers: bearer('user') })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  })
})
