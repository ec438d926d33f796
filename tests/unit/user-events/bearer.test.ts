import { describe, expect, test } from 'bun:test'
import type { VerifyBearerOptions } from '../../../packages/user-events/src/bearer.ts'
import { KeysUnavailable, makeVerifyBearer } from '../../../packages/user-events/src/bearer.ts'
import { generateSigningKey, publicJwks } from '../../../src/adapters/crypto/signing-keys.ts'
import {
  AUDIENCE,
  forge,
  genuineClaims,
  givenAccessTokens,
  ISSUER,
  SECONDS,
} from '../../support/builders/sessions/given-access-tokens.ts'

const { tokens, key } = await givenAccessTokens()

const given = (options: Partial<VerifyBearerOptions> = {}) => {
  const asked: string[] = []
  let served: () => Response = () => Response.json(publicJwks([key]))
  let now = new Date(SECONDS * 1000)
  const verify = makeVerifyBearer({
    issuer: ISSUER,
    audience: AUDIENCE,
    now: () => now,
    fetch: async (url) => {
      asked.push(url)
      return served()
    },
    ...options,
  })
  return {
    asked,
    verify,
    serve: (answer: () => Response) => {
      served = answer
    },
    at: (seconds: number) => {
      now = new Date((SECONDS + seconds) * 1000)
    },
  }
}
const refusalOf = async (token: string) => {
  const verdict = await given().verify(`Bearer ${token}`)
  return verdict.ok ? 'nothing' : verdict.refusal
}

describe('verifyBearer', () => {
  test('returns the user and session of a token of the service', async () => {
    const { verify, asked } = given()
    const claims = await tokens.verify(forge(key))
    if (claims === null) throw new Error('refused')
    const header = `Bearer ${await tokens.issue(claims)}`
    expect(await verify(header)).toEqual({
      ok: true,
      bearer: {
        userId: claims.sub,
        sessionId: claims.sid,
        tokenId: claims.jti,
        role: 'user',
        version: 1,
        authenticatedAt: new Date(SECONDS * 1000),
        expiresAt: new Date((SECONDS + 600) * 1000),
      },
    })
    expect((await verify(header)).ok).toBe(true)
    expect(asked).toEqual([`${ISSUER}/.well-known/jwks.json`])
  })

  test('fetches the keys where it is told to, or under the issuer, with or without a slash at its end', async () => {
    const urls = async (options: Partial<VerifyBearerOptions>) => {
      const { verify, asked } = given(options)
      await verify(`Bearer ${forge(key)}`)
      return asked
    }
    const elsewhere = 'https://keys.example.com/a'
    expect(await urls({ jwksUrl: elsewhere })).toEqual([elsewhere])
    expect(await urls({ issuer: `${ISSUER}/` })).toEqual([`${ISSUER}/.well-known/jwks.json`])
  })

  test('takes a life of an hour, every role, and the scheme in any case', async () => {
    const { verify } = given()
    for (const role of ['user', 'moderator', 'admin'])
      for (const scheme of ['Bearer', 'bearer', 'BEARER'])
        expect(
          await verify(`${scheme} ${forge(key, { role, exp: SECONDS + 3600 })}`),
        ).toMatchObject({
          ok: true,
          bearer: { role, expiresAt: new Date((SECONDS + 3600) * 1000) },
        })
    expect((await verify(`Bearer ${forge(key, { exp: SECONDS + 3601 })}`)).ok).toBe(false)
  })

  test.each([null, undefined, '', 'Basic dTpw', 'Bearer'])(
    'misses a token in %p',
    async (value) => {
      expect(await given().verify(value)).toEqual({ ok: false, refusal: 'missing' })
    },
  )

  test.each([
    ['text after it', (token: string) => `Bearer ${token} more`],
    ['a second token', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['a fourth part', (token: string) => `Bearer ${token}.AAAA`],
    ['two spaces before it', (token: string) => `Bearer  ${token}`],
    ['a line end after it', (token: string) => `Bearer ${token}\n`],
  ])('refuses a token with %s', async (_, headerOf) => {
    const token = forge(key)
    expect((await given().verify(`Bearer ${token}`)).ok).toBe(true)
    expect(await given().verify(headerOf(token))).toEqual({ ok: false, refusal: 'invalid' })
  })

  test('distinguishes an expired token from an invalid one, and tolerates 30 seconds between clocks', async () => {
    const { verify, at } = given()
    const header = `Bearer ${forge(key)}`
    at(629)
    expect((await verify(header)).ok).toBe(true)
    at(631)
    expect(await verify(header)).toEqual({ ok: false, refusal: 'expired' })
    at(-31)
    expect(await verify(header)).toEqual({ ok: false, refusal: 'invalid' })
  })

  test('refuses what the service would not have issued', async () => {
    const forged: Record<string, string> = {
      'another issuer': forge(key, { iss: 'https://evil.example' }),
      'another audience': forge(key, { aud: 'other' }),
      'several audiences': forge(key, { aud: [AUDIENCE, 'other'] }),
      'another type': forge(key, {}, { typ: 'JWT' }),
      'no type': forge(key, {}, { typ: undefined }),
      'algorithm none': forge(key, {}, { alg: 'none' }),
      'a MAC': forge(key, {}, { alg: 'HS256' }),
      'a critical extension': forge(key, {}, { crit: ['x'], x: 1 }),
      'an embedded key': forge(generateSigningKey('active'), {}, { jwk: key.publicJwk }),
      'another key under this id': forge(generateSigningKey('active'), {}, { kid: key.kid }),
      'an unknown role': forge(key, { role: 'root' }),
      'a version as text': forge(key, { ver: '1' }),
      'a version below zero': forge(key, { ver: -1 }),
      'a part of a version': forge(key, { ver: 1.5 }),
      'a sign-in before 1970': forge(key, { auth_time: -1 }),
      'a session without a name': forge(key, { sid: '' }),
      'a user as a number': forge(key, { sub: 7 }),
      'a life of two hours': forge(key, { exp: SECONDS + 7200 }),
      'too long a token': forge(key, { more: 'x'.repeat(9000) }),
      'no token': 'a.b',
      ...Object.fromEntries(
        Object.keys(genuineClaims())
          .filter((claim) => claim !== 'client_id')
          .map((claim) => [`no ${claim}`, forge(key, { [claim]: undefined })]),
      ),
    }
    for (const [name, token] of Object.entries(forged))
      expect({ name, refusal: await refusalOf(token) }).toEqual({ name, refusal: 'invalid' })
  })

  test('distinguishes keys that cannot be fetched from a bad token', async () => {
    for (const answer of [
      () => new Response('', { status: 503 }),
      () => new Response('<html>'),
      () => {
        throw new TypeError('refused')
      },
    ]) {
      const { verify, serve } = given()
      serve(answer)
      expect(await verify(`Bearer ${forge(key)}`).catch((fault) => fault)).toBeInstanceOf(
        KeysUnavailable,
      )
    }
  })
})
