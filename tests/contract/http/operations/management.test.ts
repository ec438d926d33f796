import { describe, expect, test } from 'bun:test'
import { makeManagementApi } from '../../../../src/adapters/http/management-api.ts'
import { USE_CASES } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

const TOKEN = 'owner-token'

const given = (withCommands = true) => {
  const ran: unknown[] = []
  const lines: unknown[] = []
  const api = makeManagementApi({
    checkHealth: USE_CASES.checkHealth,
    isReady: () => true,
    settings: { version: '0.1.0', uptimeSeconds: () => 0 },
    metricsText: async () => 'auth_up 1\n',
    log: (...line) => {
      lines.push(line)
    },
    trace: { run: (_, work) => work() },
    observe: () => undefined,
    ...(withCommands
      ? {
          commands: {
            token: TOKEN,
            run: async (name, input) => {
              if (name !== 'known') return undefined
              ran.push(input)
              return { done: true }
            },
          },
        }
      : {}),
  })
  const send = (path: string, init?: RequestInit) =>
    api.fetch(new Request(`http://127.0.0.1:3001${path}`, init), { address: null })
  const command = (name: string, headers: Record<string, string>, body = '{"email":"a"}') =>
    send(`/commands/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  return { send, command, ran, lines }
}

const OWNER = { authorization: `Bearer ${TOKEN}` }

describe('the management listener', () => {
  test('serves metrics and health, and no account', async () => {
    const { send } = given()
    expect(await (await send('/metrics')).text()).toBe('auth_up 1\n')
    expect((await send('/health')).status).toBe(200)
    expect((await send('/health/ready')).status).toBe(200)
    expect((await send('/health/live')).status).toBe(200)
    expect((await send('/v1/users/me')).status).toBe(404)
  })
})

describe("an owner's command", () => {
  test('runs with its input and answers what it gave', async () => {
    const { command, ran } = given()
    const response = await command('known', OWNER)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ done: true })
    expect(ran).toEqual([{ email: 'a' }])
  })

  test.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer other' }],
    ['a longer token', { authorization: `Bearer ${TOKEN}x` }],
    ['a part of the token', { authorization: 'Bearer owner' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('does not run with %s', async (_, headers) => {
    const { command, ran } = given()
    const response = await command('known', headers)
    expect(response.status).toBe(401)
    expect(await problemCode(response)).toBe('unauthenticated')
    expect(ran).toEqual([])
  })

  test.each(['http://localhost:3000', 'null', 'https://evil.test'])(
    'does not run for a page of the origin %s, even with the token',
    async (origin) => {
      const { command, ran } = given()
      expect((await command('known', { ...OWNER, origin })).status).toBe(403)
      expect(ran).toEqual([])
    },
  )

  test('that does not exist is not found', async () => {
    expect((await given().command('unknown', OWNER)).status).toBe(404)
  })

  test.each(['null', '[]', '"x"', '{'])('does not run on the input %s', async (body) => {
    const { command, ran } = given()
    expect((await command('known', OWNER, body)).status).toBeOneOf([400, 422])
    expect(ran).toEqual([])
  })

  test('is not found where there are none', async () => {
    expect((await given(false).command('known', OWNER)).status).toBe(404)
  })

  test('leaves neither token nor input in the log', async () => {
    const { command, lines } = given()
    await command('known', OWNER, '{"password":"canary-11"}')
    expect(JSON.stringify(lines)).not.toContain('canary-11')
    expect(JSON.stringify(lines)).not.toContain(TOKEN)
  })
})
