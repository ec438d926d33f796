import { describe, expect, test } from 'bun:test'
import { createHmac, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto'
import { makeAccessTokens } from '../../../src/adapters/crypto/access-tokens.ts'
import { generateSigningKey, publicJwks } from '../../../src/adapters/crypto/signing-keys.ts'
import type { Json } from '../../support/builders/sessions/given-access-tokens.ts'
import {
  AUDIENCE,
  base64url,
  forge,
  forgeText,
  genuineClaims,
  genuineHeader,
  givenAccessTokens,
  ISSUER,
  SECONDS,
} from '../../support/builders/sessions/given-access-tokens.ts'
import { quickestOf } from '../../support/processes/timing/quickest-of.ts'

const { tokens, key } = await givenAccessTokens()
const genuine = forge(key)

/** Every forgery must be refused. The message names one that was not. */
const expectRefused = async (forgeries: Readonly<Record<string, string>>) => {
  for (const [name, token] of Object.entries(forgeries))
    expect({ name, claims: await tokens.verify(token) }).toEqual({ name, claims: null })
}
const withClaims = (cases: Record<string, Json>): Record<string, string> =>
  Object.fromEntries(Object.entries(cases).map(([name, claims]) => [name, forge(key, claims)]))
const withHeader = (cases: Record<string, Json>): Record<string, string> =>
  Object.fromEntries(Object.entries(cases).map(([name, header]) => [name, forge(key, {}, header)]))

describe('access tokens', () => {
  test('a token has the given claims and the configured lifetime', async () => {
    const claims = await tokens.verify(genuine)
    expect(claims).toMatchObject({ role: 'user', iat: SECONDS, exp: SECONDS + 600, ver: 1 })
    if (claims === null) throw new Error('refused')
    const again = await tokens.issue(claims)
    expect(await tokens.verify(again)).toEqual(claims)
    const [header = '', payload = ''] = again.split('.')
    expect(JSON.parse(atob(header))).toEqual(genuineHeader(key))
    expect(JSON.parse(atob(payload))).toEqual(genuineClaims())
  })

  test('algorithm none in any spelling, and an empty signature, are refused [JW1]', async () => {
    const [header = '', payload = '', signature = ''] = genuine.split('.')
    const unsigned = (alg: string) => base64url(JSON.stringify({ ...genuineHeader(key), alg }))
    await expectRefused({
      none: `${unsigned('none')}.${payload}.`,
      None: `${unsigned('None')}.${payload}.`,
      nOnE: `${unsigned('nOnE')}.${payload}.${signature}`,
      'empty signature': `${header}.${payload}.`,
      'no signature': `${header}.${payload}`,
      ...withHeader({ 'none, signed': { alg: 'none' }, 'no alg': { alg: undefined } }),
    })
  })

  test('a MAC keyed with our public key is refused [JW2]', async () => {
    const publicKey = createPublicKey({ key: key.publicJwk, format: 'jwk' })
    const secrets = {
      pem: publicKey.export({ format: 'pem', type: 'spki' }),
      der: publicKey.export({ format: 'der', type: 'spki' }),
      jwk: JSON.stringify(key.publicJwk),
      'published jwk': JSON.stringify(publicJwks([key]).keys[0]),
    }
    const mac = (secret: string | Buffer, alg: string) => {
      const header = base64url(JSON.stringify({ ...genuineHeader(key), alg }))
      const input = `${header}.${base64url(JSON.stringify(genuineClaims()))}`
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    }
    for (const [name, secret] of Object.entries(secrets))
      await expectRefused({
        [name]: mac(secret, 'HS256'),
        [`${name} as ES256`]: mac(secret, 'ES256'),
      })
  })

  test('any other algorithm is refused, whatever key signed [JW3]', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    const signed = (alg: string, hash: string, privateKey: typeof rsa) => {
      const header = base64url(JSON.stringify({ ...genuineHeader(key), alg }))
      const input = `${header}.${base64url(JSON.stringify(genuineClaims()))}`
      return `${input}.${createSign(hash).update(input).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url')}`
    }
    await expectRefused({
      RS256: signed('RS256', 'sha256', rsa),
      ES384: signed('ES384', 'sha384', p384),
      ...withHeader({ HS384: { alg: 'HS384' }, HS512: { alg: 'HS512' }, es256: { alg: 'es256' } }),
    })
  })

  test('a kid that is missing, unknown or hostile is refused [JW4]', async () => {
    const kids = [undefined, null, '', 'unknown', '../../keys/a', `' OR 1=1 --`, '__proto__', 1]
    const cases = [...kids, [key.kid], { kid: key.kid }, 'x'.repeat(10_000), `${key.kid} `]
    for (const [index, kid] of cases.entries())
      await expectRefused(withHeader({ [`kid ${index}`]: { kid } }))
  })

  test('a token of another key under our kid is refused [JW4]', async () => {
    const stranger = { ...generateSigningKey('active'), kid: key.kid }
    await expectRefused({ stranger: forge(stranger) })
  })

  test('a header with anything beyond alg, typ and kid is refused [JW5]', async () => {
    const jwk = generateSigningKey('active').publicJwk
    await expectRefused(
      withHeader({
        jku: { jku: 'https://attacker.example/jwks.json' },
        jwk: { jwk },
        x5u: { x5u: 'https://attacker.example/cert' },
        x5c: { x5c: ['MIIB'] },
        crit: { crit: ['exp'], exp: SECONDS },
        b64: { b64: false, crit: ['b64'] },
        cty: { cty: 'JWT' },
      }),
    )
  })

  test('a claim or header name twice is refused, whichever of the two is true [JW5]', async () => {
    const header = JSON.stringify(genuineHeader(key))
    const claims = JSON.stringify(genuineClaims())
    const first = (json: string, member: string) => json.replace('{', `{${member},`)
    const last = (json: string, member: string) => json.replace(/\}$/, `,${member}}`)
    await expectRefused({
      'role first': forgeText(key, header, first(claims, '"role":"admin"')),
      'role last': forgeText(key, header, last(claims, '"role":"admin"')),
      'role escaped': forgeText(key, header, last(claims, '"r\\u006fle":"admin"')),
      'the same value': forgeText(key, header, last(claims, '"role":"user"')),
      'alg twice': forgeText(key, last(header, '"alg":"none"'), claims),
      'kid twice': forgeText(key, first(header, '"kid":"x"'), claims),
    })
  })

  test('an issuer or audience that is not exactly ours is refused [JW6]', async () => {
    await expectRefused(
      withClaims({
        'other issuer': { iss: 'https://auth.example.org' },
        'no issuer': { iss: undefined },
        'prefix of the issuer': { iss: ISSUER.slice(0, -1) },
        'issuer with a slash': { iss: `${ISSUER}/` },
        'issuer in capitals': { iss: ISSUER.toUpperCase() },
        'issuer in a list': { iss: [ISSUER] },
        'other audience': { aud: 'backend' },
        'no audience': { aud: undefined },
        'prefix of the audience': { aud: 'auth' },
        'audience in capitals': { aud: 'AUTH-SERVICE' },
        'ours in a list': { aud: [AUDIENCE, 'backend'] },
      }),
    )
  })

  test('an id token, a refresh token, a code and any other type are refused [JW7]', async () => {
    await expectRefused({
      ...withHeader({
        'id token': { typ: 'JWT' },
        'no type': { typ: undefined },
        'with media type': { typ: 'application/at+jwt' },
        capitals: { typ: 'AT+JWT' },
        logout: { typ: 'logout+jwt' },
      }),
      'refresh token': `v1.k1.0198f3a2-0000-7000-8000-000000000001.1.${'A'.repeat(64)}`,
      code: 'A'.repeat(43),
      empty: '',
    })
  })

  test('times out of order, out of range or of another type are refused [JW8]', async () => {
    await expectRefused(
      withClaims({
        'expired a tolerance ago': { iat: SECONDS - 630, exp: SECONDS - 30 },
        'no exp': { exp: undefined },
        'exp as text': { exp: `${SECONDS + 600}` },
        'exp negative': { exp: -1 },
        'exp enormous': { exp: 1e300 },
        'exp fractional': { exp: SECONDS + 0.5 },
        'exp longer than a token lives': { exp: SECONDS + 601 },
        'nbf in the future': { nbf: SECONDS + 31 },
        'iat in the future': { iat: SECONDS + 31, exp: SECONDS + 600 },
        'iat older than a token lives': { iat: SECONDS - 631, exp: SECONDS + 10 },
        'no iat': { iat: undefined },
        'iat as text': { iat: `${SECONDS}` },
      }),
    )
  })

  test('a token at the edge of the clock tolerance is accepted', async () => {
    expect(
      await tokens.verify(forge(key, { iat: SECONDS - 629, exp: SECONDS - 29 })),
    ).not.toBeNull()
    expect(
      await tokens.verify(forge(key, { iat: SECONDS + 30, exp: SECONDS + 600 })),
    ).not.toBeNull()
  })

  test('a subject, session, role or other claim that is not what we write is refused [JW8]', async () => {
    const cases = {
      sub: [undefined, null, '', 1, 'user@example.com', 'NOT-A-UUID', ['a']],
      sid: [undefined, '', 7, '../x'],
      role: [undefined, '', 'root', 'ADMIN', ['admin'], { admin: true }],
      ver: [undefined, '1', -1, 1.5],
      jti: [undefined, '', 1, 'x'.repeat(65)],
      auth_time: [undefined, 'now', -1],
      client_id: [undefined, 'another-client'],
    }
    for (const [name, values] of Object.entries(cases))
      for (const [index, value] of values.entries())
        await expectRefused(withClaims({ [`${name} ${index}`]: { [name]: value } }))
  })

  test('no flipped bit of a token makes a valid one [JW9]', async () => {
    for (let index = 0; index < genuine.length; index += 1) {
      const flipped = String.fromCharCode(genuine.charCodeAt(index) ^ 1)
      await expectRefused({
        [`character ${index}`]: genuine.slice(0, index) + flipped + genuine.slice(index + 1),
      })
    }
  })

  test('parts of two tokens do not make a third [JW9]', async () => {
    const other = forge(key, { role: 'admin' })
    const [header = '', payload = '', signature = ''] = genuine.split('.')
    const [, otherPayload = '', otherSignature = ''] = other.split('.')
    await expectRefused({
      'other payload': `${header}.${otherPayload}.${signature}`,
      'other signature': `${header}.${payload}.${otherSignature}`,
      'two tokens': `${genuine}.${other}`,
      padded: `${genuine}=`,
      'line break': `${genuine}\n`,
      // The last character carries four bits that mean nothing: this decodes to the same signature.
      'not canonical':
        genuine.slice(0, -1) + String.fromCharCode(genuine.charCodeAt(genuine.length - 1) + 1),
    })
  })

  test('an unknown claim changes nothing', async () => {
    const claims = await tokens.verify(forge(key, { isAdmin: true, email: 'a@example.com' }))
    expect(Object.keys(claims ?? {}).toSorted()).toEqual([
      'auth_time',
      'exp',
      'iat',
      'jti',
      'role',
      'sid',
      'sub',
      'ver',
    ])
  })

  test('a token of 15 kB is refused in under 5 ms [JW11]', async () => {
    const long = forge(key, { filler: 'x'.repeat(11_000) })
    expect(long.length).toBeGreaterThan(15_000)
    const threeTokens = { long, dots: '.'.repeat(15_000), letters: 'e'.repeat(15_000) }
    const { seconds } = await quickestOf(5, 0.015, async () => {
      const start = performance.now()
      await expectRefused(threeTokens)
      return { seconds: (performance.now() - start) / 1000 }
    })
    expect(seconds).toBeLessThan(0.015)
  })

  test('a token that was accepted once is refused as soon as it expires [JW8]', async () => {
    const given = await givenAccessTokens()
    const token = forge(given.key)
    expect(await given.tokens.verify(token)).not.toBeNull()
    given.passSeconds(629)
    expect(await given.tokens.verify(token)).not.toBeNull()
    given.passSeconds(1)
    expect(await given.tokens.verify(token)).toBeNull()
  })

  test('a retired key verifies until it is removed, and the next key verifies before it signs [JW12]', async () => {
    const [before, after] = [generateSigningKey('active'), generateSigningKey('next')]
    const first = await givenAccessTokens([before, after])
    expect(await first.tokens.verify(forge(after))).not.toBeNull()
    const rotated = await givenAccessTokens([
      { ...after, status: 'active' },
      { ...before, status: 'retired', privateKey: null },
    ])
    expect(await rotated.tokens.verify(forge(before))).not.toBeNull()
    const dropped = await givenAccessTokens([{ ...after, status: 'active' }])
    expect(await dropped.tokens.verify(forge(before))).toBeNull()
    expect(await dropped.tokens.verify(forge(after))).not.toBeNull()
  })

  test('without a private active key there are no access tokens', async () => {
    const keys = [{ ...generateSigningKey('active'), privateKey: null }]
    const needs = { issuer: ISSUER, audience: AUDIENCE, lifetimeSeconds: 600 }
    await expect(makeAccessTokens({ ...needs, keys, clock: () => new Date() })).rejects.toThrow(
      'no active signing key',
    )
  })
})
