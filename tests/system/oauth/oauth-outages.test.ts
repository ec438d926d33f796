import { afterAll, afterEach, beforeAll, describe, expect, setSystemTime, test } from 'bun:test'
import type { Fault } from '../../../examples/fake-providers/misbehaviour.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { jsonInit } from '../../support/builders/service/composed-service.ts'
import { quickestOf } from '../../support/processes/timing/quickest-of.ts'

type Provider = 'google' | 'facebook' | 'line'

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
  await given.service.register('bystander')
}, 60_000)
afterEach(() => setSystemTime())
afterAll(() => given.end())

const LONGEST_SECONDS = 6

/** The answer to a browser that comes back while the provider fails. */
const answerUnderFault = async (
  provider: Provider,
  endpoint: 'token' | 'profile' | 'keys',
  fault: Fault,
) => {
  const sent = await given.start(provider)
  const back = await given.fake.decide(sent.location, somebody())
  given.fake.misbehave(provider, { faults: { [endpoint]: fault } })
  const began = performance.now()
  const response = await given.open(back, sent.cookie)
  const seconds = (performance.now() - began) / 1000
  given.fake.misbehave(provider, {})
  return { answer: await problemOf(response), seconds }
}

const byPassword = () =>
  given.service.ask(
    '/v1/auth/login',
    jsonInit('POST', { identifier: 'bystander', password: PASSWORD }),
  )

describe('a provider that is broken', () => {
  test.each<readonly [string, Provider, 'token' | 'profile', Fault]>([
    ['hangs up', 'google', 'token', { kind: 'closed' }],
    ['answers 500', 'line', 'token', { kind: 'status', status: 500 }],
    ['answers 503', 'facebook', 'profile', { kind: 'status', status: 503 }],
    ['says that we ask too much', 'google', 'token', { kind: 'status', status: 429 }],
    [
      'does not know us',
      'line',
      'token',
      { kind: 'json', status: 401, body: { error: 'invalid_client' } },
    ],
  ])('and %s is answered 502 in time [OA13]', async (_, provider, endpoint, fault) => {
    const { answer, seconds } = await answerUnderFault(provider, endpoint, fault)
    expect(answer).toEqual([502, 'provider-failed'])
    expect(seconds).toBeLessThan(LONGEST_SECONDS)
    expect((await given.signIn(provider, somebody())).created).toBe(true)
  })

  test('and does not answer leads to 504 within 6 s, and sign-in by password keeps working [OA13]', async () => {
    const wait = async () => {
      const slow = Promise.all([
        answerUnderFault('google', 'token', { kind: 'silent' }),
        answerUnderFault('line', 'token', { kind: 'stalled' }),
        answerUnderFault('facebook', 'profile', { kind: 'silent' }),
      ])
      expect((await byPassword()).status).toBe(200)
      for (const { answer } of await slow) expect(answer).toEqual([504, 'provider-timeout'])
      return { seconds: Math.max(...(await slow).map(({ seconds }) => seconds)) }
    }
    expect((await quickestOf(3, LONGEST_SECONDS, wait)).seconds).toBeLessThan(LONGEST_SECONDS)
  }, 60_000)

  test.each<readonly [string, Provider, 'token' | 'profile', Fault]>([
    ['a page', 'google', 'token', { kind: 'html' }],
    ['a page', 'facebook', 'profile', { kind: 'html' }],
    ['half of a JSON text', 'line', 'token', { kind: 'cut-json' }],
    ['half of a JSON text', 'facebook', 'token', { kind: 'cut-json' }],
    ['50 MB', 'google', 'token', { kind: 'huge' }],
    ['50 MB', 'facebook', 'profile', { kind: 'huge' }],
    ['a list', 'line', 'token', { kind: 'json', status: 200, body: [] }],
    ['nothing of a token', 'line', 'token', { kind: 'json', status: 200, body: {} }],
    [
      'a token of another type',
      'facebook',
      'token',
      { kind: 'json', status: 200, body: { access_token: 'a', token_type: 'mac' } },
    ],
  ])(
    'and answers with %s (%s, %s) is answered 502 [OA14]',
    async (_, provider, endpoint, fault) => {
      const { answer } = await answerUnderFault(provider, endpoint, fault)
      expect(answer).toEqual([502, 'provider-failed'])
      expect((await given.signIn(provider, somebody())).created).toBe(true)
    },
  )

  test('and redirects to an internal address is not followed [OA14]', async () => {
    let visits = 0
    const inner = Bun.serve({
      port: 0,
      fetch: () => {
        visits += 1
        return Response.json({ access_token: 'a', token_type: 'bearer' })
      },
    })
    for (const [provider, endpoint] of [
      ['google', 'token'],
      ['line', 'token'],
      ['facebook', 'profile'],
    ] as const) {
      const to = `http://127.0.0.1:${inner.port}/latest/meta-data`
      const { answer } = await answerUnderFault(provider, endpoint, { kind: 'redirect', to })
      expect(answer).toEqual([502, 'provider-failed'])
    }
    await inner.stop(true)
    expect(visits).toBe(0)
  })
})

describe('a provider that keeps failing', () => {
  test('is not called for a while, is then tried again, and is used when it works [OA13]', async () => {
    const { fake } = given
    const closed: Fault = { kind: 'closed' }
    await given.signIn('line', somebody())
    for (let outage = 1; outage <= 5; outage += 1) await answerUnderFault('line', 'token', closed)
    fake.behave()
    const sent = await given.start('line')
    expect(await problemOf(sent.response)).toEqual([502, 'provider-failed'])
    expect((await given.start('google')).response.status).toBe(302)
    expect((await byPassword()).status).toBe(200)
    expect(fake.calls('line')).toEqual([])

    setSystemTime(new Date(Date.now() + 11_000))
    expect((await given.signIn('line', somebody())).created).toBe(true)
    expect((await given.signIn('line', somebody())).created).toBe(true)
  })

  test('that only refuses invented codes is still called [OA13]', async () => {
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const sent = await given.start('line')
      const back = new URL(await given.fake.decide(sent.location, somebody()))
      back.searchParams.set('code', 'made-up')
      expect(await problemOf(await given.open(back.href, sent.cookie))).toEqual([
        502,
        'provider-failed',
      ])
    }
    expect((await given.signIn('line', somebody())).created).toBe(true)
  })
})
