import { beforeEach, describe, expect, test } from 'bun:test'
import { challengeOf, makeAuthClient, randomText } from '../../../examples/web/auth-client.js'
import type { Tabs } from '../../support/builders/sessions/given-tabs.ts'
import {
  givenTabs,
  PAGE,
  refreshesIn,
  SERVICE,
  usualService,
} from '../../support/builders/sessions/given-tabs.ts'

let tabs: Tabs
beforeEach(() => {
  tabs = givenTabs(makeAuthClient)
})
const pathsAsked = () => tabs.asked.map(({ path }) => path)

describe('PKCE in the browser client', () => {
  test('gives the challenge of RFC 7636, appendix B', async () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    expect(await challengeOf(verifier)).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  })

  test('makes verifiers of 43 letters that RFC 7636 allows, and never one twice', () => {
    const made = Array.from({ length: 500 }, randomText)
    for (const verifier of made) expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(new Set(made).size).toBe(500)
  })
})

test('a refusal has the errors of the fields', async () => {
  const errors = [{ pointer: '#/email', code: 'not-an-email', detail: 'This is not an address.' }]
  const { client } = tabs.open()
  tabs.reply = () => ({ status: 422, body: { code: 'invalid-request', errors } })
  await expect(client.register({ email: 'x' })).rejects.toMatchObject({
    code: 'invalid-request',
    status: 422,
    errors,
  })
  tabs.reply = () => ({ status: 401, body: { code: 'bad-credentials' } })
  await expect(client.signIn('ada', 'x')).rejects.toMatchObject({ errors: [] })
})

describe('one refresh', () => {
  test('serves all callers in one tab that ask at the same time', async () => {
    const { client } = tabs.open()
    tabs.reply = usualService(0)
    await client.signIn('ada', 'secret')
    await Promise.all(Array.from({ length: 20 }, () => client.call('GET', '/v1/users/me')))
    expect(refreshesIn(tabs)).toBe(1)
  })

  test('serves two tabs: the one that waits takes the tokens of the other', async () => {
    const both = [tabs.open(), tabs.open()]
    tabs.reply = usualService(0)
    await both[0]?.client.signIn('ada', 'secret')
    await Promise.all(both.map(({ client }) => client.call('GET', '/v1/users/me')))
    expect(refreshesIn(tabs)).toBe(1)
    const [first, second] = tabs.asked.slice(-2)
    expect(second?.token).toBe(first?.token ?? 'none')
  })

  test('follows a 401, and the request is sent once more', async () => {
    const { client } = tabs.open()
    tabs.reply = usualService()
    await client.signIn('ada', 'secret')
    let isRefused = true
    tabs.reply = (asked) => {
      if (asked.path !== '/v1/users/me') return usualService()(asked)
      const status = isRefused ? 401 : 200
      isRefused = false
      return { status, body: { code: 'unauthenticated', id: 'u1' } }
    }
    expect(await client.call('GET', '/v1/users/me')).toMatchObject({ id: 'u1' })
    expect(pathsAsked().slice(1)).toEqual(['/v1/users/me', '/v1/auth/refresh', '/v1/users/me'])
  })

  test.each([401, 422])('that is refused with %d signs out in all tabs', async (status) => {
    const [tab, other] = [tabs.open(), tabs.open()]
    tabs.reply = usualService(0)
    await tab.client.signIn('ada', 'secret')
    tabs.reply = () => ({ status, body: { code: 'invalid-refresh-token' } })
    await expect(tab.client.call('GET', '/v1/users/me')).rejects.toMatchObject({ status })
    expect(tab.heard).toEqual([true, false])
    expect(other.heard).toEqual([true, false])
    expect(await other.client.restore()).toBe(false)
  })

  test('that fails for another reason does not sign out', async () => {
    const { client, heard } = tabs.open()
    tabs.reply = usualService(0)
    await client.signIn('ada', 'secret')
    tabs.reply = () => ({ status: 503, body: { code: 'unavailable' } })
    await expect(client.call('GET', '/v1/users/me')).rejects.toMatchObject({ code: 'unavailable' })
    expect(heard).toEqual([true])
    tabs.reply = usualService()
    expect(await client.call('GET', '/v1/users/me')).not.toBeNull()
  })

  test('that fails is requested once, however many callers wait', async () => {
    const { client } = tabs.open()
    tabs.reply = usualService(0)
    await client.signIn('ada', 'secret')
    tabs.reply = () => ({ status: 503, body: { code: 'unavailable' } })
    const calls = [1, 2, 3].map(() => client.call('GET', '/v1/users/me'))
    for (const { status } of await Promise.allSettled(calls)) expect(status).toBe('rejected')
    expect(refreshesIn(tabs)).toBe(1)
  })

  test('is not requested when no user was signed in before', async () => {
    expect(await tabs.open().client.restore()).toBe(false)
    expect(tabs.asked).toEqual([])
  })

  test('restores the user who was signed in when the page is opened again', async () => {
    tabs.reply = usualService()
    await tabs.open().client.signIn('ada', 'secret')
    tabs.closeAll()
    expect(await tabs.open().client.restore()).toBe(true)
  })
})

describe('a sign-in through a provider', () => {
  /** Leaves, and comes back with what `back` makes of the state. */
  const leaveAndReturn = async (back: (state: string) => Record<string, string>) => {
    const before = tabs.open()
    await before.client.signInWith('line')
    const left = new URL(before.went[0] ?? '').searchParams
    const search = `?${new URLSearchParams(back(left.get('state') ?? ''))}`
    return { left, after: tabs.open(search, before.sessionStorage) }
  }

  test('starts with a challenge, and sends its verifier with the exchange only', async () => {
    tabs.reply = usualService()
    const { left, after } = await leaveAndReturn((state) => ({ code: 'c1', state }))
    expect(left.get('code_challenge_method')).toBe('S256')
    expect(left.get('redirect_uri')).toBe(PAGE)
    expect(await after.client.finish()).toMatchObject({ user: { id: 'u1' } })
    const [exchange] = tabs.asked
    expect(exchange).toMatchObject({
      path: '/v1/auth/oauth/exchange',
      body: { code: 'c1', redirectUri: PAGE, refreshTransport: 'cookie', state: left.get('state') },
    })
    const { codeVerifier } = Object(exchange?.body)
    expect(await challengeOf(codeVerifier)).toBe(left.get('code_challenge') ?? 'none')
    expect(after.heard).toEqual([true])
  })

  test('removes code and state from the address, and keeps nothing that could be used twice', async () => {
    tabs.reply = usualService()
    const { after } = await leaveAndReturn((state) => ({ code: 'c1', state }))
    await after.client.finish()
    expect(after.addresses).toEqual([PAGE])
    await expect(after.client.finish()).rejects.toMatchObject({ code: 'not-begun-here' })
    expect(tabs.asked).toHaveLength(1)
  })

  test('with a state that this tab has not made is refused before anything is sent', async () => {
    const { after } = await leaveAndReturn(() => ({ code: 'c1', state: 'of-somebody-else' }))
    await expect(after.client.finish()).rejects.toMatchObject({ code: 'not-begun-here' })
    await expect(tabs.open('?code=c1&state=s1').client.finish()).rejects.toMatchObject({
      code: 'not-begun-here',
    })
    expect(tabs.asked).toEqual([])
  })

  test('that the provider refused gives its error as the code', async () => {
    const { after } = await leaveAndReturn((state) => ({ error: 'access_denied', state }))
    await expect(after.client.finish()).rejects.toMatchObject({ code: 'access_denied', status: 0 })
    expect(tabs.asked).toEqual([])
  })

  test('does not exist when the page was only opened', async () => {
    expect(await tabs.open('?utm_source=mail').client.finish()).toBeNull()
  })
})

test('a link is completed as the user who asked for it, after a refresh and with no other tokens', async () => {
  tabs.reply = usualService()
  const before = tabs.open()
  await before.client.signIn('ada', 'secret')
  tabs.reply = (asked) => {
    if (asked.path === '/v1/users/me/identities/google')
      return { body: { authorizationUrl: `${SERVICE}/v1/auth/oauth/continue/ticket` } }
    return asked.path === '/v1/auth/oauth/exchange'
      ? { body: { user: { id: 'u1' }, linked: true } }
      : usualService()(asked)
  }
  await before.client.link('google')
  expect(before.went).toEqual([`${SERVICE}/v1/auth/oauth/continue/ticket`])
  const { state, codeChallenge } = Object(tabs.asked.at(-1)?.body)

  tabs.closeAll()
  const after = tabs.open(`?${new URLSearchParams({ code: 'c2', state })}`, before.sessionStorage)
  expect(await after.client.finish()).toMatchObject({ linked: true })
  const [refreshed, exchange] = tabs.asked.slice(-2)
  expect(refreshed?.path).toBe('/v1/auth/refresh')
  expect(refreshed?.token).toBeNull()
  expect(exchange?.token).toMatch(/^Bearer token-\d+$/)
  expect(exchange?.body).not.toHaveProperty('refreshTransport')
  expect(await challengeOf(Object(exchange?.body).codeVerifier)).toBe(codeChallenge)
})

test('signing out informs the service and all tabs', async () => {
  tabs.reply = usualService()
  const [tab, other] = [tabs.open(), tabs.open()]
  await tab.client.signIn('ada', 'secret')
  await tab.client.signOut()
  expect(pathsAsked().at(-1)).toBe('/v1/auth/logout')
  expect(other.heard).toEqual([true, false])
})
