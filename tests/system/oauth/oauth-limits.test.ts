import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import {
  challengeOf,
  oauthClient,
  REDIRECT_URI,
} from '../../support/builders/oauth/oauth-client.ts'
import { jsonInit } from '../../support/builders/service/composed-service.ts'

const BUDGET = 3
const LINK = { redirectUri: REDIRECT_URI, state: 's', codeChallenge: challengeOf('v') }

let given: GivenOAuth
beforeAll(async () => {
  const environment = { RATE_LIMITS: 'on', RATE_LIMIT_OAUTH_START: `${BUDGET}/600` }
  given = await givenOAuth(environment)
}, 60_000)
afterAll(() => given.end())

let addresses = 0
/** A client at an address of its own. */
const stranger = () => {
  addresses += 1
  const from = `198.51.100.${addresses}`
  return oauthClient((path, init) => given.service.ask(path, { from, ...init }), given.fake)
}
const statuses = async (times: number, attempt: () => Promise<Response>) => {
  const seen: number[] = []
  for (let time = 0; time < times; time += 1) seen.push((await attempt()).status)
  return seen
}

describe('who begins sign-ins one after another', () => {
  test('is refused above the budget of the address for the given time, and accepted from another address', async () => {
    const client = stranger()
    const start = async () => (await client.start('google')).response
    expect(await statuses(BUDGET, start)).toEqual([302, 302, 302])
    const refused = await start()
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect([refused.headers.get('location'), refused.headers.get('set-cookie')]).toEqual([
      null,
      null,
    ])
    expect(await problemOf(refused)).toEqual([429, 'too-many-attempts'])
    expect((await client.start('line')).response.status).toBe(429)
    expect((await stranger().start('google')).response.status).toBe(302)
  })

  test('can finish sign-ins that were started, however much of the budget is used', async () => {
    const client = stranger()
    const sent = await client.start('google')
    await statuses(BUDGET, async () => (await client.start('google')).response)
    expect((await client.start('google')).response.status).toBe(429)
    const code = client.codeFrom(await client.returnFromProvider(sent, somebody()))
    expect((await client.exchange(sent, code)).status).toBe(200)
  })

  test('costs nothing when nothing would be stored', async () => {
    const client = stranger()
    const wrong = async () =>
      (await client.start('google', { redirectUri: 'https://evil.test/in' })).response
    const unknown = async () => (await client.start('myspace')).response
    expect(await statuses(BUDGET + 1, wrong)).toEqual([400, 400, 400, 400])
    expect(await statuses(BUDGET + 1, unknown)).toEqual([404, 404, 404, 404])
    expect((await client.start('google')).response.status).toBe(302)
  })
})

test('starting a link uses the same budget', async () => {
  const { tokens } = await given.register()
  const ask = () =>
    given.service.ask('/v1/users/me/identities/line', {
      from: '198.51.100.200',
      ...jsonInit('POST', LINK, tokens.accessToken),
    })
  expect(await statuses(BUDGET, ask)).toEqual([200, 200, 200])
  const refused = await ask()
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(await problemOf(refused)).toEqual([429, 'too-many-attempts'])
})
