import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { answerIn } from '../../support/builders/oauth/oauth-client.ts'

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
}, 60_000)
afterAll(() => given.end())

const INVALID_GRANT = [400, 'invalid-grant'] as const

describe('a one-time code', () => {
  test('is exchanged by one of 200 parallel requests, and the session of that one stays open [OA6]', async () => {
    const { sent, code } = await given.reachCode('google', somebody())
    const answers = await Promise.all(Array.from({ length: 200 }, () => given.exchange(sent, code)))
    const won = answers.filter(({ status }) => status === 200)
    const lost = answers.filter(({ status }) => status !== 200)
    expect([won.length, lost.length]).toEqual([1, 199])
    for (const answer of lost) expect(await problemOf(answer)).toEqual([...INVALID_GRANT])
    const { tokens } = JSON.parse((await won[0]?.text()) ?? '')
    const me = { headers: { authorization: `Bearer ${tokens.accessToken}` } }
    expect((await given.service.ask('/v1/users/me', me)).status).toBe(200)
  })

  test.each([
    ['another state', { state: 'another' }],
    ['an empty state', { state: '' }],
    ['another redirect address', { redirectUri: 'http://localhost:5174/signed-in' }],
    ['a redirect address with more', { redirectUri: 'http://localhost:5173/signed-in/' }],
    ['another verifier', { codeVerifier: 'v'.repeat(43) }],
    ['the challenge as verifier', { codeVerifier: 'challenge' }],
  ])('is spent by %s [OA8]', async (_, wrong: Record<string, string>) => {
    const { sent, code } = await given.reachCode('line', somebody())
    const { challengeOf } = await import('../../support/builders/oauth/oauth-client.ts')
    const shown =
      wrong['codeVerifier'] === 'challenge' ? { codeVerifier: challengeOf(sent.verifier) } : wrong
    const before = await given.count('sessions')
    expect(await problemOf(await given.exchange(sent, code, shown))).toEqual([...INVALID_GRANT])
    expect(await problemOf(await given.exchange(sent, code))).toEqual([...INVALID_GRANT])
    expect(await given.count('sessions')).toBe(before)
  })

  test('of another sign-in is refused in this one, and is spent [OA8]', async () => {
    const mine = await given.reachCode('google', somebody())
    const others = await given.reachCode('google', somebody())
    expect(await problemOf(await given.exchange(mine.sent, others.code))).toEqual([
      ...INVALID_GRANT,
    ])
    expect(await problemOf(await given.exchange(others.sent, others.code))).toEqual([
      ...INVALID_GRANT,
    ])
    expect((await given.exchange(mine.sent, mine.code)).status).toBe(200)
  })

  test('with the whole final address, but without the verifier, opens no session [OA9]', async () => {
    const sent = await given.start('facebook')
    const final = answerIn(await given.returnFromProvider(sent, somebody()))
    const code = final.get('code') ?? ''
    const thief = {
      ...sent,
      verifier: 'guessed-verifier'.padEnd(43, 'x'),
      state: final.get('state') ?? '',
    }
    expect(await problemOf(await given.exchange(thief, code))).toEqual([...INVALID_GRANT])
  })

  test.each([
    ['no verifier', { codeVerifier: undefined }],
    ['a verifier that is too short', { codeVerifier: 'v'.repeat(42) }],
    ['a verifier that is too long', { codeVerifier: 'v'.repeat(129) }],
    ['an identity of its own', { sub: '1', provider: 'google', email: 'victim@gmail.com' }],
    ['a user of its own', { userId: '0198f3a2-0000-7000-8000-000000000001' }],
  ])('stays unspent when the request has %s [OA23]', async (_, wrong) => {
    const { sent, code } = await given.reachCode('google', somebody())
    expect(await problemOf(await given.exchange(sent, code, wrong))).toEqual([
      422,
      'invalid-request',
    ])
    expect((await given.exchange(sent, code)).status).toBe(200)
  })

  test('gives a browser its refresh token where no script can read it [HH8]', async () => {
    const { sent, code } = await given.reachCode('google', somebody())
    const answer = await given.exchange(sent, code, { refreshTransport: 'cookie' })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-refresh=v1\.\S+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    )
    const { tokens } = JSON.parse(await answer.text())
    expect(Object.keys(tokens)).not.toContain('refreshToken')
  })

  test('and its state are in no answer that may be cached [OA28]', async () => {
    const sent = await given.start('google')
    const back = await given.returnFromProvider(sent, somebody())
    for (const [response, status] of [
      [sent.response, 302],
      [back, 303],
    ] as const) {
      expect(response.status).toBe(status)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    }
    const answer = await given.exchange(sent, given.codeFrom(back))
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('that was never issued counts as an attempt, and attempts are limited [BF7]', async () => {
    const limited = await givenOAuth({ RATE_LIMITS: 'on' })
    try {
      const { sent, code } = await limited.reachCode('google', somebody())
      const guess = () => limited.exchange(sent, 'a-code-that-never-was')
      for (let attempt = 1; attempt <= 20; attempt += 1) expect((await guess()).status).toBe(400)
      const refused = await guess()
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(await problemOf(refused)).toEqual([429, 'too-many-attempts'])
      expect((await limited.exchange(sent, code)).status).toBe(429)
    } finally {
      await limited.end()
    }
  }, 30_000)
})

describe('the cookie of a sign-in through a provider', () => {
  test('has a plain name on loopback, and is bound to host and https elsewhere [OA2]', async () => {
    const attributes = (given_: GivenOAuth) =>
      given_.start('google').then(({ response }) => response.headers.get('set-cookie'))
    expect(await attributes(given)).toMatch(
      /^oauth_tx-[\w-]{12}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const elsewhere = await givenOAuth({ PUBLIC_URL: 'https://auth.example.com' })
    try {
      expect(await attributes(elsewhere)).toMatch(
        /^__Host-oauth_tx-[\w-]{12}=[\w-]{43}; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      )
    } finally {
      await elsewhere.end()
    }
  }, 30_000)
})
