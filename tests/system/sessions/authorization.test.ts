import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import { listedRoutes, pathOf } from '../../support/builders/http/listed-routes.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 60_000

let service: Service
beforeAll(async () => {
  service = await startPreparedService({ environment: { RATE_LIMITS: 'off' } })
  const owner = readFileSync(join(service.dataDirectory, 'owner-token'), 'utf8')
  const body = { email: 'ada@example.com', username: 'ada', password: PASSWORD }
  await send({ url: service.managementUrl }, 'POST', '/commands/admin-create', {
    body,
    bearer: owner,
  })
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

const ask = (method: string, path: string, bearer?: string, body?: unknown): Promise<Answer> =>
  send(service, method, path, {
    ...(bearer !== undefined && { bearer }),
    ...(body !== undefined && { body }),
  })
const administrator = async (): Promise<string> =>
  (await signIn(service, 'ada')).body.tokens.accessToken
const somebody = async () => {
  const { user, tokens } = (await register(service)).body
  return { user, bearer: tokens.accessToken }
}

describe('every route', () => {
  const ADMIN_ONLY = [
    'GET /v1/admin/events',
    'POST /v1/admin/events/replay',
    'GET /v1/admin/sync',
    'GET /v1/admin/sync/report',
    'PUT /v1/admin/sync',
    'GET /v1/admin/dead-letters',
    'POST /v1/admin/dead-letters/redrive',
    'POST /v1/admin/dead-letters/dismiss',
  ]
  const matrix = listedRoutes.map((route) => [`${route.method} ${route.template}`, route] as const)

  test.each(matrix)(
    '%s accepts exactly the callers that it should accept [AZ1]',
    async (name, route) => {
      // The route may sign the caller out, so each case uses a new user.
      const { bearer } = await somebody()
      const refusals = async (token?: string) => {
        const { status } = await ask(
          route.method,
          pathOf(route),
          token,
          route.body === null ? undefined : {},
        )
        return [401, 403].includes(status) ? status : 'in'
      }
      const expected = route.isGuarded
        ? [401, ADMIN_ONLY.includes(name) ? 403 : 'in', 'in']
        : ['in', 'in', 'in']
      const another = await administrator()
      expect([await refusals(), await refusals(bearer), await refusals(another)]).toEqual(expected)
    },
  )
})

describe('a signed-in user', () => {
  test('is who the token says, whatever body, query or header claim [AZ2]', async () => {
    const { user, bearer } = await somebody()
    const victim = await somebody()
    const claims = {
      'x-user-id': victim.user.id,
      'x-role': 'admin',
      'x-user': victim.user.username,
    }
    const query = `?userId=${victim.user.id}&sub=${victim.user.id}&role=admin`
    const me = await send(service, 'GET', `/v1/users/me${query}`, { bearer, headers: claims })
    expect(me.body).toMatchObject({ id: user.id, role: 'user' })
    expect(
      (await send(service, 'GET', `/v1/admin/events${query}`, { bearer, headers: claims })).status,
    ).toBe(403)
    for (const field of ['userId', 'id', 'sub', 'role'])
      expect(
        (await ask('PATCH', '/v1/users/me', bearer, { displayName: 'x', [field]: victim.user.id }))
          .status,
      ).toBe(422)
    expect((await ask('GET', '/v1/users/me', victim.bearer)).body).toEqual(victim.user)
  })

  test('cannot read or change anything of another user [AZ1, AZ8]', async () => {
    const { bearer } = await somebody()
    const victim = await somebody()
    const [session] = (await ask('GET', '/v1/users/me/sessions', victim.bearer)).body.items
    for (const id of [
      session.id,
      victim.user.id,
      'x',
      '..',
      '%2e%2e',
      '%2e%2e%2fme',
      "'",
      session.id.toUpperCase(),
      `${session.id}%00`,
    ])
      expect([id, (await ask('DELETE', `/v1/users/me/sessions/${id}`, bearer)).status]).toEqual([
        id,
        // The path resolves to the path of the user, which is not a session's path.
        id === '..' || id === '%2e%2e' ? expect.any(Number) : 404,
      ])
    expect((await ask('GET', '/v1/users/me', victim.bearer)).status).toBe(200)
    expect((await ask('GET', '/v1/users/me/sessions', victim.bearer)).body.items).toHaveLength(1)
  })

  test('cannot read a list beyond its limits or in another order [AZ7]', async () => {
    const { bearer } = await somebody()
    for (const query of [
      'limit=-1',
      'limit=0',
      'limit=101',
      'limit=1000000000',
      'limit=NaN',
      'limit=1e1',
      'limit=',
      'limit=1&limit=2',
      'sort=passwordHash',
      'order="id"',
      'cursor=x',
      "cursor=' or 1=1",
    ])
      expect([query, (await ask('GET', `/v1/users/me/sessions?${query}`, bearer)).status]).toEqual([
        query,
        422,
      ])
    const admin = await administrator()
    for (const query of ['limit=0', 'after=x', 'userId=x', "userId=' or 1=1", 'sort=id'])
      expect([query, (await ask('GET', `/v1/admin/events?${query}`, admin)).status]).toEqual([
        query,
        422,
      ])
  })

  test('never overwrites a version that the client has not read [AZ11]', async () => {
    const { bearer } = await somebody()
    const patch = (displayName: string, tag: string) =>
      send(service, 'PATCH', '/v1/users/me', {
        body: { displayName },
        bearer,
        headers: { 'if-match': tag },
      })
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => patch(`Writer ${index}`, '"1"')),
    )
    const written = answers.filter(({ status }) => status === 200)
    expect(written).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'version-mismatch')).toHaveLength(29)
    const { body, headers } = await ask('GET', '/v1/users/me', bearer)
    expect(body).toEqual(written[0]?.body)
    expect(headers.get('etag')).toBe('"2"')
    for (const tag of ['"1"', 'W/"2"', '"02"', '2', '"x"', ''])
      expect([tag, (await patch('Late', tag)).status]).toEqual([tag, 412])
    for (const tag of ['"2"', '*', '"9", "4"'])
      expect((await patch(`Right ${tag}`, tag)).status).toBe(200)
  })

  test('who is the last administrator cannot leave [AZ4]', async () => {
    const last = await administrator()
    expect((await ask('DELETE', '/v1/users/me', last)).body.code).toBe('last-admin')
    expect((await ask('GET', '/v1/users/me', last)).body.role).toBe('admin')
  })
})

describe('answers', () => {
  test('contain no internal field of an account [AZ5]', async () => {
    const { user, bearer } = await somebody()
    const admin = await administrator()
    const texts = await Promise.all(
      [
        ask('GET', '/v1/users/me', bearer),
        ask('GET', '/v1/users/me/sessions', bearer),
        ask('GET', '/v1/admin/events?limit=100', admin),
        signIn(service, user.username),
        ask('GET', '/health'),
      ].map(async (answer) => JSON.stringify((await answer).body)),
    )
    for (const text of texts)
      expect(text).not.toMatch(
        /argon2|hash|salt|canonical|skeleton|failures|generation|rotations|codeHash|identifierMac/i,
      )
  })
})
