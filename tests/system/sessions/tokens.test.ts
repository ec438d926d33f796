import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { SigningKey } from '../../../src/adapters/crypto/signing-keys.ts'
import { parseSigningKeys } from '../../../src/main/config/keys.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import { composedService, jsonInit } from '../../support/builders/service/composed-service.ts'
import type { Json } from '../../support/builders/sessions/given-access-tokens.ts'
import { base64url, forgeText } from '../../support/builders/sessions/given-access-tokens.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { rawRequest } from '../../support/processes/service/raw-request.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { quantile } from '../../support/processes/timing/sample-statistics.ts'

const MILLISECONDS = 60_000

let service: Service
let key: SigningKey
let person: Answer['body']
let canary: Server
let visits = 0
let canaryUrl: string

beforeAll(async () => {
  service = await startPreparedService({ environment: { RATE_LIMITS: 'off' } })
  const file = JSON.parse(readFileSync(join(service.dataDirectory, 'keys.json'), 'utf8'))
  const keys = parseSigningKeys(JSON.stringify(file.signingKeys))
  const active = keys.ok ? keys.value.find(({ status }) => status === 'active') : undefined
  if (active === undefined) throw new Error('the service has no active key')
  key = active
  person = (await register(service)).body
  canary = createServer((_, response) => {
    visits += 1
    response.end('{"keys":[]}')
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const address = canary.address()
  canaryUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}, MILLISECONDS)
afterAll(async () => {
  canary.close()
  await service.stop()
})

const partsOf = (token: string): [header: Json, claims: Json, signature: string] => {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return [read(header), read(claims), signature]
}

/** A token signed with the service's own key, genuine except for these members; undefined leaves a member out. */
const forge = (claims: Json = {}, header: Json = {}): string => {
  const [genuineHeader, genuineClaims] = partsOf(person.tokens.accessToken)
  return forgeText(
    key,
    JSON.stringify({ ...genuineHeader, ...header }),
    JSON.stringify({ ...genuineClaims, ...claims }),
  )
}

const me = (bearer: string) => send(service, 'GET', '/v1/users/me', { bearer })
const now = () => Math.floor(Date.now() / 1000)

const expectRefused = async (token: string): Promise<void> => {
  const { status, headers, body } = await me(token)
  expect([token.slice(0, 200), status, body.code]).toEqual([
    token.slice(0, 200),
    401,
    'invalid-token',
  ])
  expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
}
const refuseAll = async (tokens: readonly string[]): Promise<void> => {
  for (const token of tokens) await expectRefused(token)
}

describe('an access token', () => {
  test('that is built without a fault is accepted, so that the others are refused for their faults', async () => {
    expect((await me(forge())).status).toBe(200)
    expect((await me(person.tokens.accessToken)).status).toBe(200)
  })

  test('that is not signed is refused [JW1]', async () => {
    const [, payload] = person.tokens.accessToken.split('.')
    await refuseAll(
      ['none', 'None', 'nOnE', 'NONE', ''].flatMap((alg) => {
        const head = base64url(JSON.stringify({ alg, typ: 'at+jwt', kid: key.kid }))
        return [`${head}.${payload}.`, `${head}.${payload}.AA`, forge({}, { alg })]
      }),
    )
    const [head] = person.tokens.accessToken.split('.')
    await refuseAll([
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${head}.${payload}.${'A'.repeat(86)}`,
    ])
  })

  test('signed with our public key as a secret is refused [JW2]', async () => {
    const { keys } = (await send(service, 'GET', '/.well-known/jwks.json')).body
    const jwk = keys.find(({ kid }: { kid: string }) => kid === key.kid)
    const { privateKey } = key
    if (privateKey === null) throw new Error('no private half')
    const publicKey = (await import('node:crypto')).createPublicKey(privateKey)
    const secrets = [
      publicKey.export({ format: 'pem', type: 'spki' }),
      publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify(jwk),
      JSON.stringify({ keys }),
      '',
    ]
    const [, payload] = person.tokens.accessToken.split('.')
    await refuseAll(
      secrets.flatMap((secret) =>
        (['HS256', 'HS384', 'HS512'] as const).map((alg) => {
          const head = base64url(JSON.stringify({ alg, typ: 'at+jwt', kid: key.kid }))
          const hash = alg.replace('HS', 'sha')
          const mac = createHmac(hash, secret).update(`${head}.${payload}`).digest('base64url')
          return `${head}.${payload}.${mac}`
        }),
      ),
    )
  })

  test('of any other algorithm or key is refused [JW3]', async () => {
    const [, payload] = person.tokens.accessToken.split('.')
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const made = (alg: string, hash: string, privateKey: typeof rsa) => {
      const input = `${base64url(JSON.stringify({ alg, typ: 'at+jwt', kid: key.kid }))}.${payload}`
      const signature = sign(hash, Buffer.from(input), {
        key: privateKey,
        dsaEncoding: 'ieee-p1363',
      })
      return `${input}.${signature.toString('base64url')}`
    }
    await refuseAll([
      made('RS256', 'sha256', rsa),
      made('ES384', 'sha384', p384),
      made('ES256', 'sha256', p256),
      ...['HS384', 'HS512', 'RS256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'es256'].map((alg) =>
        forge({}, { alg }),
      ),
    ])
  })

  test('with a hostile key id is refused [JW4]', async () => {
    const kids = [
      undefined,
      'unknown',
      '',
      '../../../../etc/passwd',
      '/dev/urandom',
      "' or 1=1 --",
      '__proto__',
      'constructor',
      'toString',
      [key.kid],
      { kid: key.kid },
      null,
      7,
      `${canaryUrl}/key`,
      `${key.kid} `,
      'a'.repeat(5000),
    ]
    await refuseAll(kids.map((kid) => forge({}, { kid })))
    expect(visits).toBe(0)
  })

  test('that names a key or extension of its own is refused, and nothing is fetched for it [JW5]', async () => {
    const { publicJwk } = key
    await refuseAll([
      ...['jku', 'x5u'].map((name) => forge({}, { [name]: `${canaryUrl}/jwks.json` })),
      forge({}, { jwk: { ...publicJwk } }),
      forge({}, { x5c: ['MIIB'] }),
      forge({}, { crit: ['exp'] }),
      forge({}, { b64: false, crit: ['b64'] }),
      forge({}, { cty: 'JWT' }),
      forge({ iss: canaryUrl, jku: canaryUrl }),
    ])
    expect(visits).toBe(0)
  })

  test('with a claim given twice is refused, whichever of the two would be used [JW5]', async () => {
    const [header, claims] = partsOf(person.tokens.accessToken)
    const other = '0198f3a2-0000-7000-8000-000000000001'
    const twice = (object: Json, name: string, first: unknown, last: unknown) =>
      JSON.stringify({ ...object, [name]: undefined }).replace(
        '{',
        `{${JSON.stringify(name)}:${JSON.stringify(first)},${JSON.stringify(name)}:${JSON.stringify(last)},`,
      )
    await refuseAll([
      forgeText(key, JSON.stringify(header), twice(claims, 'sub', claims['sub'], other)),
      forgeText(key, JSON.stringify(header), twice(claims, 'sub', other, claims['sub'])),
      forgeText(key, JSON.stringify(header), twice(claims, 'exp', 1, claims['exp'])),
      forgeText(key, twice(header, 'alg', 'none', 'ES256'), JSON.stringify(claims)),
    ])
  })

  test('of another issuer or audience is refused [JW6]', async () => {
    const [, { iss, aud }] = partsOf(person.tokens.accessToken)
    await refuseAll([
      ...[
        undefined,
        '',
        `${iss}/`,
        String(iss).toUpperCase(),
        String(iss).slice(0, -1),
        [iss],
        'http://evil.example',
      ].map((value) => forge({ iss: value })),
      ...[undefined, '', `${aud}s`, String(aud).toUpperCase(), [aud], [aud, 'other'], 'auth'].map(
        (value) => forge({ aud: value }),
      ),
    ])
  })

  test('is accepted as no other kind of token, and no other kind is accepted as one [JW7]', async () => {
    await refuseAll([
      person.tokens.refreshToken,
      ...['JWT', 'id+jwt', 'application/at+jwt', 'AT+JWT', undefined].map((typ) =>
        forge({}, { typ }),
      ),
      forge({ nonce: 'n', client_id: undefined }),
    ])
    const refreshed = await send(service, 'POST', '/v1/auth/refresh', {
      body: { refreshToken: person.tokens.accessToken },
    })
    expect(refreshed).toMatchObject({ status: 401, body: { code: 'invalid-refresh-token' } })
  })

  test('with wrong times or a wrong subject is refused [JW8]', async () => {
    await refuseAll([
      forge({ iat: now() - 640, exp: now() - 31 }),
      ...[undefined, String(now() + 60), -1, 1e300, null, now() + 601.5].map((exp) =>
        forge({ exp }),
      ),
      forge({ exp: now() + 3600 }),
      forge({ nbf: now() + 60 }),
      ...[undefined, now() + 60, now() - 700, '0', -1].map((iat) => forge({ iat })),
      ...[undefined, '', 7, null, 'admin', '0198f3a2-0000-7000-8000-000000000001'].map((sub) =>
        forge({ sub }),
      ),
      ...[undefined, '', 7, '0198f3a2-0000-7000-8000-000000000001'].map((sid) => forge({ sid })),
      ...[undefined, 'root', ['admin'], 'Admin'].map((role) => forge({ role })),
    ])
  })

  test('gives no role by the role that it claims [JW8, AZ2]', async () => {
    const admin = await send(service, 'GET', '/v1/admin/events', {
      bearer: forge({ role: 'admin' }),
    })
    expect(admin).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  test('with any byte changed is refused [JW9]', async () => {
    const token: string = person.tokens.accessToken
    const changed = [...token].map((character, place) => {
      const other = character === 'A' ? 'B' : 'A'
      return token.slice(0, place) + other + token.slice(place + 1)
    })
    const answers = await Promise.all(changed.map(me))
    expect(answers.map(({ status }) => status)).toEqual(Array(token.length).fill(401))
  })

  test('combined from two, or with exchanged claims, is refused [JW9]', async () => {
    const other = (await register(service)).body.tokens.accessToken.split('.')
    const own = person.tokens.accessToken.split('.')
    // Which of the three parts come from the other token. Payload and signature never come from the same token.
    for (const mixture of [0b010, 0b011, 0b100, 0b101])
      await expectRefused(
        own
          .map((part: string, place: number) => ((mixture >> place) & 1 ? other[place] : part))
          .join('.'),
      )
    const [header, claims, signature] = partsOf(person.tokens.accessToken)
    const exchanged = { ...claims, sub: claims['sid'], sid: claims['sub'] }
    await refuseAll([
      `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(exchanged))}.${signature}`,
      forge({ sub: claims['sid'], sid: claims['sub'] }),
    ])
  })

  test('of 15 kB is refused in less than 5 ms, and a header beyond 16 kB with 431 [JW11]', async () => {
    const [head, payload, signature] = person.tokens.accessToken.split('.')
    const long = `${head}.${payload}${'A'.repeat(15_000 - person.tokens.accessToken.length)}.${signature}`
    const times: number[] = []
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const began = performance.now()
      await expectRefused(long)
      times.push(performance.now() - began)
    }
    expect(quantile(times, 0.1)).toBeLessThan(5)
    const beyond = `GET /v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'A'.repeat(17_000)}\r\n\r\n`
    expect(await rawRequest(service, beyond)).toMatchObject({ statuses: [431], closed: true })
  })

  test.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Token x',
    'Bearer a b',
    'Bearer ,',
    'bearer\tx',
  ])('in a malformed header does not count: %j', async (authorization) => {
    const { status } = await send(service, 'GET', '/v1/users/me', { headers: { authorization } })
    expect(status).toBe(401)
  })

  test('in the query or in a cookie does not count', async () => {
    const token = person.tokens.accessToken
    const queried = await send(service, 'GET', `/v1/users/me?access_token=${token}`)
    const baked = await send(service, 'GET', '/v1/users/me', {
      headers: { cookie: `access_token=${token}` },
    })
    expect([queried.status, baked.status]).toEqual([401, 401])
  })
})

describe('a hostile key id', () => {
  test(
    'is refused without a question to the database [JW4]',
    async () => {
      const composed = await composedService()
      const { tokens } = await composed.register('lonely')
      await composed.database.close()
      const [head, payload, signature] = tokens.accessToken.split('.')
      const { alg, typ } = JSON.parse(Buffer.from(head, 'base64url').toString())
      const ask = (token: string) =>
        composed.ask('/v1/users/me', { headers: { authorization: `Bearer ${token}` } })
      for (const kid of ['unknown', '../x', "' or 1=1 --", '__proto__']) {
        const hostile = `${base64url(JSON.stringify({ alg, typ, kid }))}.${payload}.${signature}`
        expect((await ask(hostile)).status).toBe(401)
      }
      expect((await ask(tokens.accessToken)).status).toBe(503)
      await composed.end()
    },
    MILLISECONDS,
  )
})

describe('a token that is no longer valid', () => {
  const session = async () => {
    const { user, tokens } = (await register(service)).body
    return { user, ...tokens }
  }

  test('to signing out, signing out everywhere or deletion is refused at the next request [JW13, SE8]', async () => {
    for (const [method, path] of [
      ['POST', '/v1/auth/logout'],
      ['POST', '/v1/auth/logout-all'],
      ['DELETE', '/v1/users/me'],
    ] as const) {
      const { user, accessToken } = await session()
      const elsewhere = (await signIn(service, user.username)).body.tokens.accessToken
      expect((await me(accessToken)).status).toBe(200)
      expect((await me(elsewhere)).status).toBe(200)
      expect((await send(service, method, path, { bearer: accessToken })).status).toBe(204)
      await expectRefused(accessToken)
      if (path === '/v1/auth/logout') expect((await me(elsewhere)).status).toBe(200)
      else await expectRefused(elsewhere)
    }
  })

  test(
    'to deactivation or to a lower role takes effect within a second [JW13]',
    async () => {
      const composed = await composedService()
      const made = await composed.runCommand('admin-create', {
        email: 'ada@example.com',
        username: 'ada',
        password: PASSWORD,
      })
      expect(made?.exitCode).toBe(0)
      const login = await composed.ask(
        '/v1/auth/login',
        jsonInit('POST', { identifier: 'ada', password: PASSWORD }),
      )
      const { user, tokens } = JSON.parse(await login.text())
      const ask = async (path: string) => {
        const headers = { authorization: `Bearer ${tokens.accessToken}` }
        return (await composed.ask(path, { headers })).status
      }
      expect(await ask('/v1/admin/events')).toBe(200)
      await composed.change(user.id, { role: 'user' })
      await Bun.sleep(1000)
      expect(await ask('/v1/admin/events')).toBe(403)
      expect(await ask('/v1/users/me')).toBe(200)
      await composed.change(user.id, { isActive: false })
      await Bun.sleep(1000)
      expect(await ask('/v1/users/me')).toBe(401)
      await composed.end()
    },
    MILLISECONDS,
  )
})

describe('the published keys', () => {
  test('show public members only, and may be cached for a while [JW12]', async () => {
    const { status, headers, body } = await send(service, 'GET', '/.well-known/jwks.json')
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toMatch(/^public, max-age=[1-9][0-9]*$/)
    for (const shown of body.keys)
      expect(Object.keys(shown).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const tag = headers.get('etag') ?? ''
    const again = await send(service, 'GET', '/.well-known/jwks.json', {
      headers: { 'if-none-match': tag },
    })
    expect(again.status).toBe(304)
  })

  test('are published before they sign, and verify until they are retired [JW12]', async () => {
    const owner = readFileSync(join(service.dataDirectory, 'owner-token'), 'utf8')
    const command = (name: string) =>
      send({ url: service.managementUrl }, 'POST', `/commands/${name}`, { body: {}, bearer: owner })
    const kids = async (): Promise<string[]> =>
      (await send(service, 'GET', '/.well-known/jwks.json')).body.keys.map(
        ({ kid }: { kid: string }) => kid,
      )
    const kidOf = (token: string) => partsOf(token)[0]['kid']
    const old = (await signIn(service, person.user.username)).body.tokens.accessToken
    const before = await kids()
    expect((await command('keys-rotate')).body.exitCode).toBe(0)
    const fresh = (await signIn(service, person.user.username)).body.tokens.accessToken
    expect(before).toContain(String(kidOf(fresh)))
    expect(kidOf(fresh)).not.toBe(kidOf(old))
    for (const token of [old, fresh]) expect((await me(token)).status).toBe(200)
    expect((await command('keys-retire')).body.exitCode).toBe(1)
    expect((await me(old)).status).toBe(200)

    // As if the last token of the old key had expired long ago.
    const path = join(service.dataDirectory, 'keys.json')
    const file = JSON.parse(readFileSync(path, 'utf8'))
    await Bun.write(path, JSON.stringify({ ...file, rotatedAt: '2026-01-01T00:00:00.000Z' }))
    expect((await command('keys-retire')).body.exitCode).toBe(0)
    expect(await kids()).not.toContain(String(kidOf(old)))
    await expectRefused(old)
    expect((await me(fresh)).status).toBe(200)
  })
})
