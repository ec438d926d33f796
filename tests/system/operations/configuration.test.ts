import { describe, expect, test } from 'bun:test'
import {
  generateSigningKey,
  generateSigningKeys,
  retire,
  rotate,
  writeSigningKeys,
} from '../../../src/adapters/crypto/signing-keys.ts'
import { makeRefreshKey } from '../../../src/main/config/keys.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import type { Environment } from '../../support/processes/native/spawn-process.ts'
import {
  preparedData,
  startPreparedService,
} from '../../support/processes/service/prepared-data.ts'
import { startService, startToEnd } from '../../support/processes/service/start-service.ts'
import { quickestOf } from '../../support/processes/timing/quickest-of.ts'

const MILLISECONDS = 60_000

/** A production configuration that lacks only its servers. */
const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.example.com',
  TRUSTED_PROXY_HOPS: '0',
  JWT_KEYS: writeSigningKeys(generateSigningKeys()),
  REFRESH_KEY: makeRefreshKey(),
}
const namesIn = (stderr: string) =>
  [...stderr.matchAll(/^ {2}([A-Z_]+) /gm)].map(([, name]) => name)
const SERVERS = ['DATABASE_URL', 'REDIS_URL', 'NATS_URL']

const refuse = async (environment: Environment) => {
  const ended = await startToEnd({ environment: { ...PRODUCTION, ...environment } })
  expect(ended.exitCode).toBe(78)
  return { ...ended, said: ended.stdout + ended.stderr, names: namesIn(ended.stderr) }
}
const refuseInTime = async (environment: Environment) => {
  const refused = await quickestOf(3, 2, () => refuse(environment))
  expect(refused.seconds).toBeLessThan(2)
  return refused
}

describe('a production start', () => {
  test('is refused without its servers, whatever else is set in their place [CF2]', async () => {
    for (const environment of [{}, { DATA_DIR: 'memory:' }, { DATA_DIR: '/var/lib/auth' }]) {
      const { names } = await refuseInTime(environment)
      expect(names).toEqual(SERVERS)
    }
  })

  const [id, secret] = makeRefreshKey().split(':')
  const [key] = JSON.parse(writeSigningKeys(generateSigningKeys())).keys
  test.each([
    ['no key to refresh by', 'REFRESH_KEY', undefined],
    ['an empty one', 'REFRESH_KEY', ''],
    ['one of 31 bytes', 'REFRESH_KEY', `${id}:${secret?.slice(0, 31)}`],
    ['one that repeats', 'REFRESH_KEY', `k1:${'kanarie8'.repeat(5)}`],
    ['one of one letter', 'REFRESH_KEY', `k1:${'w'.repeat(64)}`],
    ['a sample', 'REFRESH_KEY', 'k1:change-me-please-change-me-please-now-kanarie'],
    ['a published one', 'REFRESH_KEY', 'k1:a-string-secret-at-least-256-bits-long'],
    ['a weak second one', 'REFRESH_KEY', `${id}:${secret},k2:kanariekanariekanariekanariekanarie`],
    ['no keys to sign by', 'JWT_KEYS', undefined],
    ['empty ones', 'JWT_KEYS', '{"keys":[]}'],
    ['ones that are no JSON', 'JWT_KEYS', 'kanarie'],
    ['public ones only', 'JWT_KEYS', JSON.stringify({ keys: [{ ...key, d: undefined }] })],
    ['one of another curve', 'JWT_KEYS', JSON.stringify({ keys: [{ ...key, crv: 'P-384' }] })],
    ['a secret for a key', 'JWT_KEYS', JSON.stringify({ keys: [{ kty: 'oct', k: secret }] })],
    // RFC 7515, appendix A.3: its private key is public.
    [
      'a published pair',
      'JWT_KEYS',
      JSON.stringify({
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
            y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
            d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
          },
        ],
      }),
    ],
  ])(
    'with %s is refused by name within 2 s, and the value is not printed [CF1]',
    async (_, name, value) => {
      const { names, said } = await refuseInTime({ [name]: value })
      expect(names.toSorted()).toEqual([...SERVERS, name].toSorted())
      expect(said).not.toMatch(/kanarie|wwww|f83OJ3D2|jpsQnnGQ|change-me/)
      if (secret !== undefined) expect(said).not.toContain(secret.slice(0, 31))
    },
  )

  test.each([
    ['PUBLIC_URL', 'http://auth.example.com'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'http://app.example.com'],
    ['CORS_ORIGINS', 'null'],
    ['LOG_LEVEL', 'debug'],
    ['RATE_LIMITS', 'off'],
  ])('with %s=%s is refused by name [CF3]', async (name, value) => {
    expect((await refuse({ [name]: value })).names.toSorted()).toEqual(
      [...SERVERS, name].toSorted(),
    )
  })
})

describe('a development start', () => {
  test(
    'logs one clear warning that its parts are embedded, and has no account yet [CF2, CF4]',
    async () => {
      const service = await startPreparedService()
      for (const [identifier, password] of [
        ['admin', 'admin'],
        ['admin', 'password'],
        ['admin@example.com', 'admin'],
        ['root', ''],
        ['admin', PASSWORD],
      ] as const)
        expect((await signIn(service, identifier, password)).status).toBe(401)
      expect((await register(service)).body.user.role).toBe('user')
      await service.stop()
      const warnings = service.logLines().filter(({ event }) => event === 'service.embedded-parts')
      expect(warnings).toMatchObject([{ level: 'warn', parts: 'database, limits, events' }])
    },
    MILLISECONDS,
  )
})

describe('keys that change from start to start', () => {
  test(
    'refuse no token while both are known, and every old token after the old key is removed [CF5, JW12]',
    async () => {
      const [oldRefresh, newRefresh] = [makeRefreshKey(), makeRefreshKey()]
      const first = generateSigningKeys()
      const second = rotate(first, generateSigningKey('next'))
      const third = retire(second)
      const dataDirectory = await preparedData()
      const start = (refreshKey: string, keys: typeof first) =>
        startService({
          dataDirectory,
          environment: {
            JWT_ISSUER: 'http://auth.example',
            REFRESH_KEY: refreshKey,
            JWT_KEYS: writeSigningKeys(keys),
          },
        })
      type Tokens = { accessToken: string; refreshToken: string }
      let service = await start(oldRefresh, first)
      const me = async ({ accessToken }: Tokens) =>
        (await send(service, 'GET', '/v1/users/me', { bearer: accessToken })).status
      const refresh = ({ refreshToken }: Tokens) =>
        send(service, 'POST', '/v1/auth/refresh', { body: { refreshToken } })
      const { user, tokens: one } = (await register(service)).body
      const { tokens: two } = (await signIn(service, user.username)).body
      await service.stop()

      service = await start(`${newRefresh},${oldRefresh}`, second)
      expect([await me(one), await me(two)]).toEqual([200, 200])
      const renewed = await refresh(one)
      expect(renewed.status).toBe(200)
      expect(renewed.body.tokens.refreshToken).toStartWith(`v1.${newRefresh.split(':')[0]}.`)
      expect(await me(renewed.body.tokens)).toBe(200)
      // The answer may also be lost in the middle of the change.
      expect((await refresh(one)).body.tokens.refreshToken).toBe(renewed.body.tokens.refreshToken)
      await service.stop()

      service = await start(newRefresh, third)
      expect([await me(one), await me(renewed.body.tokens)]).toEqual([401, 200])
      expect((await refresh(renewed.body.tokens)).status).toBe(200)
      expect((await refresh(two)).body.code).toBe('invalid-refresh-token')
      await service.stop()
    },
    MILLISECONDS,
  )
})
