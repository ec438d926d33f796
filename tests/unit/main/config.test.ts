import { describe, expect, test } from 'bun:test'
import { createECDH } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { generateSigningKeys, writeSigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import { ALL_SETTINGS } from '../../../src/main/config/all-settings.ts'
import type { Config } from '../../../src/main/config/config.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import { makeRefreshKey } from '../../../src/main/config/keys.ts'
import { PROVIDERS, settingsOf } from '../../../src/main/config/providers.ts'
import type { Environment } from '../../../src/main/config/setting.ts'
import { LIMITS, SETTINGS } from '../../../src/main/config/settings.ts'
import { natsAt, postgresAt, redisAt } from '../../support/servers/addresses.ts'

const noFile = (): string => {
  throw new Error('no such file')
}

const problemsOf = (environment: Environment, readFile = noFile): readonly string[] => {
  const reading = readConfig(environment, readFile)
  return 'problems' in reading ? reading.problems : []
}

const configOf = (environment: Environment, readFile = noFile): Config => {
  const reading = readConfig(environment, readFile)
  if ('problems' in reading) throw new Error(reading.problems.join('; '))
  return reading.config
}

const namesOf = (problems: readonly string[]) => problems.map((problem) => problem.split(' ')[0])

const encoded = (parts: Readonly<Record<string, Buffer>>) =>
  Object.fromEntries(
    Object.entries(parts).map(([name, bytes]) => [
      name,
      Buffer.concat([Buffer.alloc(32), bytes])
        .subarray(-32)
        .toString('base64url'),
    ]),
  )

const STRONG = {
  JWT_KEYS: writeSigningKeys(generateSigningKeys()),
  REFRESH_KEY: makeRefreshKey(),
}
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.acme.org',
  TRUSTED_PROXY_HOPS: '0',
  ...STRONG,
}

describe('an empty environment', () => {
  test('is a development service on loopback with embedded parts', () => {
    const config = configOf({})
    expect(config).toMatchObject({
      mode: 'development',
      listener: { host: '127.0.0.1', port: 3000 },
      management: { host: '127.0.0.1', port: 3001 },
      publicUrl: 'http://localhost:3000',
      dataDirectory: '.data',
      jwt: { issuer: 'http://localhost:3000', audience: 'auth-service' },
      signingKeys: null,
      refreshKeys: null,
      eventTypePrefix: 'localhost',
      cors: { origins: [], anyLoopbackPort: true },
      docs: true,
      demo: true,
      shutdownSeconds: 20,
    })
  })

  test('gives the budgets that the documents name', () => {
    expect(configOf({}).budgets).toMatchObject({
      'sign-in-account-prefix': { points: 5, seconds: 900 },
      refresh: { points: 30, seconds: 60 },
    })
  })

  test('gives a configuration that is frozen at every depth', () => {
    const config = configOf({ CORS_ORIGINS: 'https://app.acme.org' })
    for (const part of [config, config.listener, config.jwt, config.cors, config.cors.origins])
      expect(Object.isFrozen(part)).toBe(true)
  })
})

describe('values that follow from others', () => {
  test('the issuer, the event types and the address follow the port', () => {
    expect(configOf({ PORT: '8080' })).toMatchObject({
      publicUrl: 'http://localhost:8080',
      jwt: { issuer: 'http://localhost:8080' },
    })
  })

  test('event types begin with the reversed public host name', () => {
    expect(configOf({ PUBLIC_URL: 'https://auth.acme.org/' })).toMatchObject({
      publicUrl: 'https://auth.acme.org',
      eventTypePrefix: 'org.acme.auth',
    })
  })

  test('an empty variable is one that was not set', () => {
    expect(configOf({ PORT: '', LOG_LEVEL: '' })).toMatchObject({
      listener: { port: 3000 },
      logLevel: 'info',
    })
  })
})

describe('bad values', () => {
  const BAD: readonly (readonly [string, string])[] = [
    ['NODE_ENV', 'prod'],
    ['HOST', 'a host'],
    ['PORT', '65536'],
    ['PORT', '3000abc'],
    ['PORT', '-1'],
    ['MANAGEMENT_PORT', '1e3'],
    ['MANAGEMENT_HOST', '0.0.0.0'],
    ['PUBLIC_URL', 'auth.acme.org'],
    ['PUBLIC_URL', 'https://auth.acme.org/path'],
    ['PUBLIC_URL', 'https://user@auth.acme.org'],
    ['PUBLIC_URL', 'ftp://auth.acme.org'],
    ['DATABASE_URL', 'mysql://db'],
    ['REDIS_URL', 'http://redis'],
    ['NATS_URL', 'nats://one,http://two'],
    ['JWT_AUDIENCE', 'two words'],
    ['ACCESS_TOKEN_SECONDS', '86400'],
    ['REFRESH_IDLE_SECONDS', '2592001'],
    ['EVENT_TYPE_PREFIX', 'Com.Acme'],
    ['PASSWORD_MIN_LENGTH', '7'],
    ['PASSWORD_MIN_LENGTH', '65'],
    ['RATE_LIMITS', 'no'],
    ['RATE_LIMIT_REFRESH', '30'],
    ['RATE_LIMIT_REFRESH', '30/60/90'],
    ['RATE_LIMIT_REFRESH', '0/60'],
    ['TRUSTED_PROXY_HOPS', '11'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'https://a.acme.org,,https://b.acme.org'],
    ['CORS_ORIGINS', 'https://a.acme.org/path'],
    ['LOG_LEVEL', 'verbose'],
    ['DOCS', 'yes'],
    ['DEMO', 'on'],
    ['SHUTDOWN_SECONDS', '0'],
    ['REFRESH_KEY', ''],
    ['JWT_KEYS', ''],
  ]
  test.each(BAD)('%s=%s is refused by that name alone', (name, value) => {
    expect(namesOf(problemsOf({ [name]: value }))).toEqual([name])
  })

  test('all of them are reported together, each once', () => {
    const problems = problemsOf(Object.fromEntries(BAD))
    expect(namesOf(problems).toSorted()).toEqual([...new Set(BAD.map(([name]) => name))].toSorted())
  })

  test('no submitted value is ever part of a problem', () => {
    const names = ALL_SETTINGS.map(({ name }) => name)
    const environments = fc.dictionary(
      fc.constantFrom(...names),
      fc.string({ minLength: 4 }).map((text) => `\u{1f41d}${text}`),
    )
    fc.assert(
      fc.property(environments, (environment) => {
        const told = problemsOf(environment).join('\n')
        expect(told).not.toContain('\u{1f41d}')
      }),
    )
  })
})

describe('names that nobody reads', () => {
  test.each([
    ['RATE_LIMIT_SIGNIN', 'is unknown'],
    ['RATE_LIMIT_SIGN_IN', 'is unknown'],
    ['RATELIMITS', 'Did you mean RATE_LIMITS?'],
    ['RATE_LIMIT_REGISTERS', 'Did you mean RATE_LIMIT_REGISTER?'],
    ['DATABASE_URI', 'Did you mean DATABASE_URL?'],
    ['Public_Url', 'Did you mean PUBLIC_URL?'],
    ['JWTKEYS', 'Did you mean JWT_KEYS?'],
    ['REFRESH_KEYS', 'Did you mean REFRESH_KEY?'],
  ])('%s is a problem', (name, complaint) => {
    const [problem] = problemsOf({ [name]: 'anything' })
    expect(problem).toStartWith(`${name} `)
    expect(problem).toContain(complaint)
  })

  test('variables of other programs are ignored', () => {
    const others = {
      PATH: '/bin',
      HOSTS: 'x',
      PORTS: 'x',
      NODE_OPTIONS: 'x',
      HOME: '/',
      REDIS: 'x',
    }
    expect(problemsOf(others)).toEqual([])
  })
})

describe('secrets in files', () => {
  test('NAME_FILE gives the secret, without the line end', () => {
    const config = configOf({ REFRESH_KEY_FILE: '/run/key' }, () => `${STRONG.REFRESH_KEY}\n`)
    expect(config.refreshKeys?.[0]?.secret.reveal()).toBe(STRONG.REFRESH_KEY.split(':')[1] ?? '')
  })

  test('one file of NAME=value lines gives the secrets that its lines name', () => {
    const lines = [
      '# a comment',
      `JWT_KEYS='${STRONG.JWT_KEYS.replaceAll(/\s/g, '')}'`,
      `export REFRESH_KEY="${STRONG.REFRESH_KEY}"\r`,
    ].join('\n')
    const both = { JWT_KEYS_FILE: '/run/keys', REFRESH_KEY_FILE: '/run/keys' }
    const config = configOf(both, () => lines)
    expect(config.signingKeys).toHaveLength(2)
    expect(config.refreshKeys?.[0]?.secret.reveal()).toBe(STRONG.REFRESH_KEY.split(':')[1] ?? '')
  })

  test('a secret given both ways is a problem', () => {
    const both = { REFRESH_KEY_FILE: '/run/key', REFRESH_KEY: STRONG.REFRESH_KEY }
    expect(namesOf(problemsOf(both, () => STRONG.REFRESH_KEY))).toEqual(['REFRESH_KEY'])
  })

  test('a file that cannot be read is reported by its variable, without its path', () => {
    const problems = problemsOf({ JWT_KEYS_FILE: '/run/secrets/keys' })
    expect(problems).toEqual(['JWT_KEYS_FILE names a file that cannot be read'])
  })

  test('an empty file is a problem', () => {
    expect(namesOf(problemsOf({ JWT_KEYS_FILE: '/run/keys' }, () => ' \n'))).toEqual([
      'JWT_KEYS_FILE',
    ])
  })

  test('what is no secret has no file', () => {
    expect(configOf({ PORT_FILE: '/run/port' }, () => '1').listener.port).toBe(3000)
  })
})

describe('secrets', () => {
  test('do not print', () => {
    const config = configOf({ ...STRONG })
    const [, refresh = ''] = STRONG.REFRESH_KEY.split(':')
    const d = config.signingKeys?.[0]?.privateKey?.export({ format: 'jwk' }).d ?? 'none'
    const prints = [inspect(config, { depth: 9 }), JSON.stringify(config)]
    for (const print of prints) {
      expect(print).toContain('[secret]')
      expect(print).not.toContain(refresh)
      expect(print).not.toContain(d)
    }
  })

  test('several refresh keys keep their order', () => {
    const [one, two] = [makeRefreshKey(), makeRefreshKey()]
    const ids = configOf({ REFRESH_KEY: `${one}, ${two}` }).refreshKeys?.map(({ id }) => id)
    expect(ids).toEqual([one, two].map((key) => key.split(':')[0] ?? ''))
  })

  const WEAK: readonly (readonly [string, string])[] = [
    ['short', '9fQ2xWvR7tLmZ3sK'],
    ['one character', 'a'.repeat(64)],
    ['a repeated block', 'q7Rt2Xw9'.repeat(8)],
    ['the alphabet', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijkl'],
    ['a sample', 'your-256-bit-secret-goes-here-ok'],
    ['a hint to change it', 'ChangeMe-9fQ2xWvR7tLmZ3sKp0Yd5Hn'],
    [
      'the key of RFC 7515',
      'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    ],
    ['few different characters', '0110100110010110100101100110100110010110'],
  ]
  test.each(WEAK)('REFRESH_KEY of %s is refused without being printed [CF1]', (_, secret) => {
    const problems = problemsOf({ ...PRODUCTION, REFRESH_KEY: `k1:${secret}` })
    expect(namesOf(problems)).toContain('REFRESH_KEY')
    expect(problems.join()).not.toContain(secret)
  })

  test('a weak second refresh key is refused as well [CF1]', () => {
    const weak = `${makeRefreshKey()},k2:${'b'.repeat(40)}`
    expect(namesOf(problemsOf({ REFRESH_KEY: weak }))).toEqual(['REFRESH_KEY'])
  })

  test('two refresh keys of one name are refused', () => {
    const twice = `k1:${makeRefreshKey().slice(9)},k1:${makeRefreshKey().slice(9)}`
    expect(namesOf(problemsOf({ REFRESH_KEY: twice }))).toEqual(['REFRESH_KEY'])
  })

  test('a signing key with a guessable private number is refused [CF1]', () => {
    const curve = createECDH('prime256v1')
    curve.setPrivateKey(Buffer.from(`${'00'.repeat(30)}0102`, 'hex'))
    const point = curve.getPublicKey()
    const [x, y, d] = [point.subarray(1, 33), point.subarray(33), curve.getPrivateKey()]
    const jwk = { kty: 'EC', crv: 'P-256', ...encoded({ x, y, d: Buffer.from(d) }) }
    expect(problemsOf({ JWT_KEYS: JSON.stringify({ keys: [jwk] }) })).toEqual([
      'JWT_KEYS contains a key that is too easy to guess; make keys with: bun run auth keys generate',
    ])
  })

  test('random secrets pass, in base64url and in hexadecimal', () => {
    for (let round = 0; round < 200; round += 1)
      expect(problemsOf({ REFRESH_KEY: makeRefreshKey() })).toEqual([])
    const hex = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')
    expect(problemsOf({ REFRESH_KEY: `k1:${hex}` })).toEqual([])
  })
})

describe('production', () => {
  test('names every missing server and secret at once [CF1]', () => {
    const names = namesOf(problemsOf({ NODE_ENV: 'production' })).toSorted()
    expect(names).toEqual([
      'DATABASE_URL',
      'JWT_KEYS',
      'NATS_URL',
      'PUBLIC_URL',
      'REDIS_URL',
      'REFRESH_KEY',
      'TRUSTED_PROXY_HOPS',
    ])
  })

  test('says how many proxies it trusts, and 0 is an answer [CF8]', () => {
    const servers = { DATABASE_URL: 'postgres://db', REDIS_URL: 'redis://r', NATS_URL: 'nats://n' }
    const { TRUSTED_PROXY_HOPS: _, ...unsaid } = { ...PRODUCTION, ...servers }
    for (const environment of [unsaid, { ...unsaid, TRUSTED_PROXY_HOPS: '' }])
      expect(problemsOf(environment)).toEqual([
        'TRUSTED_PROXY_HOPS is required in production; 0 when clients connect without a proxy',
      ])
    expect(namesOf(problemsOf({ ...unsaid, TRUSTED_PROXY_HOPS: 'none' }))).toEqual([
      'TRUSTED_PROXY_HOPS',
    ])
    for (const hops of [0, 2])
      expect(configOf({ ...unsaid, TRUSTED_PROXY_HOPS: String(hops) }).trustedProxyHops).toBe(hops)
    expect(configOf({}).trustedProxyHops).toBe(0)
  })

  test('never falls back to embedded parts [CF2]', () => {
    const names = namesOf(problemsOf({ ...PRODUCTION, DATA_DIR: 'memory:' }))
    expect(names.toSorted()).toEqual(['DATABASE_URL', 'NATS_URL', 'REDIS_URL'])
  })

  test.each([
    ['PUBLIC_URL', 'http://auth.acme.org'],
    ['PUBLIC_URL', 'http://localhost:3000'],
    ['CORS_ORIGINS', 'http://app.acme.org'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://app.acme.org,*'],
    ['RATE_LIMITS', 'off'],
    ['DEMO', 'true'],
    ['LOG_LEVEL', 'debug'],
  ])('refuses %s=%s [CF3]', (name, value) => {
    expect(namesOf(problemsOf({ ...PRODUCTION, [name]: value }))).toContain(name)
  })

  test('servers that are named are used, in production and elsewhere', () => {
    const servers = {
      DATABASE_URL: 'postgres://db/auth',
      REDIS_URL: 'redis://r',
      NATS_URL: 'nats://n',
    }
    for (const environment of [servers, { ...PRODUCTION, ...servers }]) {
      const { databaseUrl, redisUrl, nats } = configOf(environment)
      expect(databaseUrl?.reveal()).toEqual(postgresAt('postgres://db/auth'))
      expect(redisUrl?.reveal()).toEqual(redisAt('redis://r'))
      expect(nats?.servers.reveal()).toEqual(natsAt('nats://n'))
    }
  })
})

describe('a provider that somebody can sign in through', () => {
  const GOOGLE = { GOOGLE_CLIENT_ID: 'ours', GOOGLE_CLIENT_SECRET: 'theirs' }

  test('is configured by its id and its secret, with the addresses of the real one', () => {
    const [google, ...others] = configOf(GOOGLE).providers
    expect(others).toEqual([])
    expect(google).toMatchObject({
      clientId: 'ours',
      addresses: { issuer: 'https://accounts.google.com' },
      kind: { id: 'google' },
    })
    expect(google?.clientSecret.reveal()).toBe('theirs')
    expect(inspect(configOf(GOOGLE))).not.toContain('theirs')
  })

  test('is offered only when it has settings', () => {
    const line = { LINE_CHANNEL_ID: '1', LINE_CHANNEL_SECRET: '2' }
    const facebook = { FACEBOOK_APP_ID: '3', FACEBOOK_APP_SECRET: '4' }
    expect(configOf({}).providers).toEqual([])
    expect(
      configOf({ ...line, ...facebook, ...GOOGLE }).providers.map(({ kind }) => kind.id),
    ).toEqual(['google', 'facebook', 'line'])
  })

  test('that is configured only in part is a problem, and all such problems are reported together', () => {
    const half = {
      GOOGLE_CLIENT_ID: 'ours',
      FACEBOOK_APP_SECRET: 'theirs',
      LINE_CHANNEL_ID: '1',
      LINE_API_URL: 'not an address',
      OAUTH_REDIRECT_URIS: 'relative',
    }
    expect(namesOf(problemsOf(half)).toSorted()).toEqual([
      ...['FACEBOOK_APP_ID', 'GOOGLE_CLIENT_SECRET', 'LINE_API_URL', 'LINE_CHANNEL_SECRET'],
      'OAUTH_REDIRECT_URIS',
    ])
  })

  test('is reached by https in production [CF3]', () => {
    const given = { ...PRODUCTION, ...GOOGLE }
    const named = (issuer: string) =>
      namesOf(problemsOf({ ...given, GOOGLE_ISSUER_URL: issuer })).includes('GOOGLE_ISSUER_URL')
    expect([named('http://localhost:3002/google'), named('https://id.acme.org')]).toEqual([
      ...[true, false],
    ])
    expect(problemsOf({ ...GOOGLE, GOOGLE_ISSUER_URL: 'http://localhost:3002/google' })).toEqual([])
  })

  test.each([
    ...[
      'https://id.acme.org/',
      'https://id.acme.org?a=b',
      'https://user@id.acme.org',
      'id.acme.org',
    ],
    ...['ftp://id.acme.org', 'https://id.acme.org#x', 'https://ID.acme.org'],
  ])('is at no such address: %s', (address) => {
    const given = { ...GOOGLE, GOOGLE_ISSUER_URL: address }
    expect(namesOf(problemsOf(given))).toEqual(['GOOGLE_ISSUER_URL'])
  })
})

describe('addresses to return to', () => {
  const read = (uris: string, base: Environment = {}) =>
    namesOf(problemsOf({ ...base, OAUTH_REDIRECT_URIS: uris })).includes('OAUTH_REDIRECT_URIS')

  test('are any on this machine outside production, and none in it', () => {
    expect(configOf({}).redirectUris).toBe('loopback')
    expect(configOf({ OAUTH_REDIRECT_URIS: 'https://a.acme.org/in' }).redirectUris).toEqual([
      'https://a.acme.org/in',
    ])
  })

  test.each([
    'https://app.acme.org/in, org.acme.app:/in, http://127.0.0.1/in, http://[::1]/in',
    'https://app.acme.org',
    'https://app.acme.org/in?from=auth',
  ])('may be in production: %s', (uris) => {
    expect(read(uris, PRODUCTION)).toBe(false)
  })

  test.each([...['http://app.acme.org/in', 'http://localhost/in', 'http://127.0.0.1.acme.org/in']])(
    'must be https in production: %s [CF3]',
    (uri) => {
      expect([read(uri, PRODUCTION), read(uri)]).toEqual([true, false])
    },
  )

  test.each([
    ...['*', 'https://*.acme.org/in', 'https://app.acme.org/*', '/in', 'app.acme.org/in'],
    ...['https://app.acme.org/in#x', 'https://user:pw@app.acme.org/in', 'https://APP.acme.org/in'],
    ...['https://app.acme.org/a/../in', 'javascript:alert(1)', 'data:text/html,x', 'myapp:/in'],
    ...['https://app.acme.org/in,', 'https://app.acme.org/in\\x'],
  ])('are refused as inexact: %s', (uri) => {
    expect(read(uri)).toBe(true)
  })
})

describe('the way to Backend over HTTP', () => {
  const SYNC = 'https://backend.acme.org/sync?tenant=1'
  const secretOf = (bytes: number) =>
    `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64')}`
  const given = { BACKEND_SYNC_URL: SYNC, BACKEND_SYNC_SECRET: secretOf(32) }

  test('is absent without its settings', () => {
    expect(configOf({}).backend).toBeNull()
    expect(configOf({ BACKEND_SYNC_SECRET: secretOf(32) }).backend).toBeNull()
  })

  test('has several secrets while they are changed, in their order', () => {
    const [one, two] = [secretOf(32), secretOf(64)]
    const { backend } = configOf({ ...given, BACKEND_SYNC_SECRET: `${one}, ${two}` })
    expect(backend?.syncUrl).toBe(SYNC)
    expect(backend?.secrets.map((secret) => secret.reveal())).toEqual([one, two])
  })

  test.each(['BACKEND_SYNC_URL', 'BACKEND_DIGEST_URL'])('%s needs a secret', (name) => {
    expect(problemsOf({ [name]: SYNC })).toEqual([`BACKEND_SYNC_SECRET is required with ${name}`])
  })

  test.each([
    'backend.acme.org/sync',
    'ftp://backend.acme.org/sync',
    'https://user:pass@backend.acme.org/sync',
    'https://backend.acme.org/sync#part',
  ])('an address like %s is refused', (address) => {
    expect(namesOf(problemsOf({ ...given, BACKEND_SYNC_URL: address }))).toEqual([
      'BACKEND_SYNC_URL',
    ])
  })

  test.each([
    ['without its prefix', secretOf(32).slice('whsec_'.length)],
    ['that is no base64', `whsec_${'-_'.repeat(22)}`],
    ['of 31 bytes', secretOf(31)],
    ['of 65 bytes', secretOf(65)],
    ['of one byte over and over', `whsec_${Buffer.alloc(32, 65).toString('base64')}`],
    ['beside a good one', `${secretOf(32)},whsec_${Buffer.alloc(32).toString('base64')}`],
  ])('a secret %s is refused without being printed [CF1]', (_, secret) => {
    const problems = problemsOf({ ...given, BACKEND_SYNC_SECRET: secret })
    expect(namesOf(problems)).toEqual(['BACKEND_SYNC_SECRET'])
    expect(problems.join()).not.toContain(secret)
  })

  test('random secrets of 32 to 64 bytes pass', () => {
    for (let bytes = 32; bytes <= 64; bytes += 1)
      expect(problemsOf({ ...given, BACKEND_SYNC_SECRET: secretOf(bytes) })).toEqual([])
  })

  test('uses https in production, or a loopback address [CF3]', () => {
    const problems = (name: string, address: string) =>
      namesOf(problemsOf({ ...PRODUCTION, ...given, [name]: address })).filter((it) => it === name)
    for (const name of ['BACKEND_SYNC_URL', 'BACKEND_DIGEST_URL']) {
      expect(problems(name, 'http://backend.internal/sync')).toEqual([name])
      expect(problems(name, 'http://127.0.0.1.acme.org/sync')).toEqual([name])
      expect(problems(name, 'http://127.0.0.1:8080/sync')).toEqual([])
      expect(problems(name, 'http://[::1]:8080/sync')).toEqual([])
    }
  })
})

test('every setting is documented once', () => {
  const settings = [
    ...Object.values(SETTINGS),
    ...Object.values(LIMITS),
    ...PROVIDERS.flatMap((provider) => settingsOf(provider)),
  ].map(({ name }) => name)
  expect(ALL_SETTINGS.map(({ name }) => name).toSorted()).toEqual(settings.toSorted())
})
