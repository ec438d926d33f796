import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { GivenOAuth } from '../../support/builders/oauth/given-oauth.ts'
import { givenOAuth, problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { answerIn } from '../../support/builders/oauth/oauth-client.ts'

const PROVIDERS = ['google', 'facebook', 'line'] as const

let given: GivenOAuth
beforeAll(async () => {
  given = await givenOAuth()
}, 60_000)
afterAll(() => given.end())

const ISSUERS = { google: 'GOOGLE_ISSUER_URL', line: 'LINE_ISSUER_URL' } as const
const INVALID_STATE = [400, 'invalid-oauth-state'] as const
const callback = (provider: string, query: Readonly<Record<string, string>>) =>
  `http://localhost:3000/v1/auth/oauth/${provider}/callback?${new URLSearchParams(query)}`

describe('a sign-in through a provider', () => {
  test.each(PROVIDERS)(
    'through %s makes an account, and finds it the next time',
    async (provider) => {
      const person = somebody()
      const first = await given.signIn(provider, person)
      expect(first).toMatchObject({
        created: true,
        user: { displayName: person.name, role: 'user' },
      })
      const again = await given.signIn(provider, person)
      expect([again.created, again.user]).toEqual([false, first.user])
      expect(await given.eventsOf(first.user.id)).toEqual(['created 1'])
    },
  )

  test.each(PROVIDERS)(
    'to %s starts with challenge, state, nonce and exactly the needed scope [OA4]',
    async (provider) => {
      const query = new URL((await given.start(provider)).location).searchParams
      const other = new URL((await given.start(provider)).location).searchParams
      expect(query.get('code_challenge')).toMatch(/^[\w-]{43}$/)
      expect(query.get('code_challenge_method')).toBe('S256')
      expect(query.get('response_type')).toBe('code')
      for (const secret of ['state', 'nonce', 'code_challenge']) {
        expect(query.get(secret)).toMatch(/^[\w-]{43}$/)
        expect(query.get(secret)).not.toBe(other.get(secret))
      }
      const scopes = {
        google: 'openid email profile',
        facebook: 'public_profile,email',
        line: 'openid profile email',
      }
      expect(query.get('scope')).toBe(scopes[provider])
    },
  )

  test('sends the provider a verifier of 43 to 128 characters, which is never logged [OA4]', async () => {
    given.fake.behave()
    await given.reachCode('google', somebody())
    const [{ form } = { form: new URLSearchParams() }] = given.fake.calls('google', 'token')
    expect(form.get('code_verifier')).toMatch(/^[A-Za-z0-9._~-]{43,128}$/)
  })
})

describe('a callback', () => {
  test.each([
    ['no state', (): Record<string, string> => ({ code: 'c' })],
    ['an unknown state', () => ({ code: 'c', state: 'x'.repeat(43) })],
    ['an empty state', () => ({ code: 'c', state: '' })],
  ])(
    'with %s is refused before the provider is called, and creates no user [OA1]',
    async (_, query) => {
      const { cookie } = await given.start('google')
      given.fake.behave()
      const before = await given.count('users')
      const response = await given.open(callback('google', query()), cookie)
      expect(await problemOf(response)).toEqual([...INVALID_STATE])
      expect(response.headers.get('location')).toBeNull()
      expect(given.fake.calls('google')).toEqual([])
      expect(await given.count('users')).toBe(before)
    },
  )

  test('with a state that was used is refused before the provider is asked [OA1]', async () => {
    const sent = await given.start('google')
    const back = await given.fake.decide(sent.location, somebody())
    expect((await given.open(back, sent.cookie)).status).toBe(303)
    given.fake.behave()
    expect(await problemOf(await given.open(back, sent.cookie))).toEqual([...INVALID_STATE])
    expect(given.fake.calls('google')).toEqual([])
  })

  test('with its state twice is refused [OA1]', async () => {
    const sent = await given.start('line')
    const back = await given.fake.decide(sent.location, somebody())
    const twice = `${back}&state=${new URL(back).searchParams.get('state')}`
    expect(await problemOf(await given.open(twice, sent.cookie))).toEqual([...INVALID_STATE])
  })

  test('in a browser that did not start the sign-in is refused, whatever cookie it has, and ends that sign-in [OA2]', async () => {
    const other = await given.start('google')
    const wrongs = [
      () => null,
      (name: string) => `${name}=`,
      (name: string) => `${name}=${'a'.repeat(43)}`,
      (name: string) => `${name}=${other.cookie.split('=')[1]}`,
      () => other.cookie,
      () => 'other=1',
    ]
    for (const wrong of wrongs) {
      const sent = await given.start('google')
      const [name = ''] = sent.cookie.split('=')
      const back = await given.fake.decide(sent.location, somebody())
      expect(await problemOf(await given.open(back, wrong(name)))).toEqual([...INVALID_STATE])
      expect(await problemOf(await given.open(back, sent.cookie))).toEqual([...INVALID_STATE])
    }
  })

  test('of each of two sign-ins that one browser started at once is accepted, in any order [OA31]', async () => {
    for (const turn of [
      (each: readonly unknown[]) => each,
      (each: readonly unknown[]) => each.toReversed(),
    ]) {
      const started = await Promise.all([given.start('google'), given.start('line')])
      const jar = started.map(({ cookie }) => cookie).join('; ')
      for (const sent of turn(started) as typeof started) {
        const back = await given.fake.decide(sent.location, somebody())
        const response = await given.open(back, jar)
        expect(response.status).toBe(303)
        expect((await given.exchange(sent, given.codeFrom(response))).status).toBe(200)
        const [name] = sent.cookie.split('=')
        expect(response.headers.getSetCookie()).toEqual([
          `${name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`,
        ])
      }
    }
  })

  test('of the sixth sign-in of a browser ends the oldest one, so that cookies stay few [OA31]', async () => {
    const started = [await given.start('google')]
    for (let more = 1; more < 6; more += 1) {
      const cookie = started.map((sent) => sent.cookie).join('; ')
      started.push(await given.start('google', { cookie }))
    }
    const ended = started.map(({ response }) =>
      response.headers.getSetCookie().filter((each) => each.includes('Max-Age=0')),
    )
    const [oldest = ''] = (started[0]?.cookie ?? '').split('=')
    expect(ended.slice(0, 5)).toEqual([[], [], [], [], []])
    expect(ended[5]).toEqual([`${oldest}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax`])
  })

  test('does not let a stranger cookie name or value into an answer [OA31]', async () => {
    const cookie = ['oauth_tx-x', 'oauth_tx-aaaaaaaaaaaa', 'oauth_tx-<b>', 'oauth_tx-aaaaaaaaaaa"']
      .map((name) => `${name}=${'"; Path=/evil'}`)
      .join('; ')
    const { response } = await given.start('google', { cookie })
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(response.headers.get('set-cookie')).not.toContain('evil')
  })

  test('of another provider than the one that the browser was sent to is refused [OA3]', async () => {
    const sent = await given.start('google')
    const back = await given.fake.decide(sent.location, somebody())
    given.fake.behave()
    const diverted = back.replace('/google/', '/line/')
    expect(await problemOf(await given.open(diverted, sent.cookie))).toEqual([...INVALID_STATE])
    expect([...given.fake.calls('google'), ...given.fake.calls('line')]).toEqual([])
  })

  test.each([
    ['google', 'https://accounts.evil.test'],
    ['line', 'https://accounts.evil.test'],
    ['facebook', ''],
  ] as const)('of %s whose iss names another issuer is refused [OA3]', async (provider, iss) => {
    const sent = await given.start(provider)
    const back = new URL(await given.fake.decide(sent.location, somebody()))
    given.fake.behave()
    back.searchParams.set('iss', iss)
    const response = await given.open(back.href, sent.cookie)
    if (iss === '') return expect(response.status).toBe(303)
    expect(await problemOf(response)).toEqual([...INVALID_STATE])
    expect(given.fake.calls(provider, 'token')).toEqual([])
  })

  test('with neither code nor error whose iss names another issuer is refused [OA3]', async () => {
    const sent = await given.start('google')
    const query = { state: stateIn(sent.location), iss: 'https://accounts.evil.test' }
    const response = await given.open(callback('google', query), sent.cookie)
    expect(await problemOf(response)).toEqual([...INVALID_STATE])
  })

  test('that arrives twice at the same time makes one user, one identity and one code [OA5]', async () => {
    const before = [await given.count('users'), await given.count('identities')]
    const sent = await given.start('google')
    const back = await given.fake.decide(sent.location, somebody())
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => given.open(back, sent.cookie)),
    )
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19)
    const after = [await given.count('users'), await given.count('identities')]
    expect(after).toEqual(before.map((n) => n + 1))
  })

  test("with a provider's code that was redeemed before makes no second user [OA5]", async () => {
    const person = somebody()
    const sent = await given.start('google')
    const back = new URL(await given.fake.decide(sent.location, person))
    await given.open(back.href, sent.cookie)
    const before = await given.count('users')
    const next = await given.start('google')
    back.searchParams.set('state', stateIn(next.location))
    const response = await given.open(back.href, next.cookie)
    expect(await problemOf(response)).toEqual([502, 'provider-failed'])
    expect(await given.count('users')).toBe(before)
  })

  test('of one new person in many browsers at once makes one user [OA5]', async () => {
    const before = await given.count('users')
    const person = somebody({ email: 'crowd@gmail.com', verified: true })
    const signIns = await Promise.all(
      Array.from({ length: 10 }, () => given.reachCode('google', person)),
    )
    const answers = await Promise.all(signIns.map(({ sent, code }) => given.exchange(sent, code)))
    const bodies = await Promise.all(answers.map(async (each) => JSON.parse(await each.text())))
    expect(new Set(bodies.map(({ user }) => user.id)).size).toBe(1)
    expect(bodies.filter(({ created }) => created)).toHaveLength(1)
    expect(await given.count('users')).toBe(before + 1)
  })
})

const stateIn = (location: string): string => new URL(location).searchParams.get('state') ?? ''

describe("a provider's error", () => {
  test.each([
    ['access_denied', 'access_denied'],
    ['ACCESS_DENIED', 'access_denied'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['interaction_required', 'server_error'],
    ['<script>alert(1)</script>', 'server_error'],
    ['x\r\nset-cookie: a=b', 'server_error'],
    ['link_required', 'server_error'],
    ['__proto__', 'server_error'],
    ['', 'server_error'],
  ])(
    '%p reaches the client as one of our problems, without its text [OA12]',
    async (error, mapped) => {
      const sent = await given.start('google', { state: 'client-state' })
      const query = { error, error_description: 'hostile words', state: stateIn(sent.location) }
      const response = await given.open(callback('google', query), sent.cookie)
      expect(response.status).toBe(303)
      expect([...answerIn(response)]).toEqual([
        ['error', mapped],
        ['state', 'client-state'],
      ])
      expect(response.headers.get('location')).toStartWith(sent.redirectUri)
    },
  )

  test.each([
    ['google', 'https://accounts.evil.test'],
    ['line', 'https://accounts.evil.test'],
    ['facebook', 'https://accounts.evil.test'],
    ['google', 'https://accounts.evil.test https://accounts.google.com'],
  ] as const)('of %s whose iss names %s is refused [OA3]', async (provider, iss) => {
    const sent = await given.start(provider)
    const query = { error: 'access_denied', state: stateIn(sent.location), iss }
    const response = await given.open(callback(provider, query), sent.cookie)
    expect(response.headers.get('location')).toBeNull()
    expect(await problemOf(response)).toEqual([...INVALID_STATE])
  })

  test('whose iss names its own provider reaches the client [OA3]', async () => {
    for (const provider of ['google', 'line'] as const) {
      const sent = await given.start(provider)
      const iss = given.fake.settings[ISSUERS[provider]] ?? ''
      const query = { error: 'access_denied', state: stateIn(sent.location), iss }
      const response = await given.open(callback(provider, query), sent.cookie)
      expect(answerIn(response).get('error')).toBe('access_denied')
    }
  })

  test('of somebody who declines brings them back without an account [OA12]', async () => {
    for (const provider of PROVIDERS) {
      const before = await given.count('users')
      const sent = await given.start(provider)
      expect(answerIn(await given.returnFromProvider(sent, 'deny')).get('error')).toBe(
        'access_denied',
      )
      expect(await given.count('users')).toBe(before)
    }
  })
})

describe('a browser whose sign-in cannot go on', () => {
  const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
  const navigate = (url: string, cookie: string | null) => {
    const { pathname, search } = new URL(url, 'http://localhost')
    return given.service.ask(`${pathname}${search}`, {
      headers: { ...HTML, ...(cookie === null ? {} : { cookie }) },
      redirect: 'manual',
    })
  }
  const pageOf = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('cache-control')).toBe('no-store')
    const text = await response.text()
    const links = [...text.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, link = '']) =>
      link
        .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&'),
    )
    return { status: response.status, text, links }
  }

  test('sees a page with the way back to its client when the provider fails [OA31]', async () => {
    for (const [fault, error] of [
      [{ faults: { token: { kind: 'closed' } } }, 'temporarily_unavailable'],
      [{ claims: { nonce: 'another' } }, 'server_error'],
    ] as const) {
      const sent = await given.start('line', { redirectUri: 'http://localhost:5173/in?a=1&b=2' })
      const back = await given.fake.decide(sent.location, somebody())
      given.fake.misbehave('line', fault)
      const { status, text, links } = await pageOf(await navigate(back, sent.cookie))
      given.fake.misbehave('line', {})
      expect([400, 502]).toContain(status)
      expect(text).not.toContain(sent.cookie.split('=')[1] ?? '')
      const [link = ''] = links
      expect(link).toStartWith('http://localhost:5173/in?a=1&b=2&')
      const { searchParams } = new URL(link)
      expect([searchParams.get('error'), searchParams.get('state')]).toEqual([error, sent.state])
      expect(searchParams.get('code')).toBeNull()
    }
  })

  test('that began no sign-in sees a page that leads to no address of another one [OA31]', async () => {
    const sent = await given.start('google', { redirectUri: 'http://localhost:5173/of-somebody' })
    const back = await given.fake.decide(sent.location, somebody())
    const { status, text, links } = await pageOf(await navigate(back, null))
    expect([status, links]).toEqual([400, []])
    expect(text).not.toContain('of-somebody')
    expect(text).toContain('start the sign-in')
  })

  test('sees a page when it opens a start, a link or a callback that is not valid [OA31]', async () => {
    for (const path of [
      '/v1/auth/oauth/google',
      '/v1/auth/oauth/nobody?redirect_uri=http://localhost/&state=<script>',
      '/v1/auth/oauth/google/callback',
      '/v1/auth/oauth/google/callback?state=<script>alert(1)</script>&code=1',
      `/v1/auth/oauth/continue/${'a'.repeat(43)}`,
    ]) {
      const { status, text } = await pageOf(await navigate(path, null))
      expect([path, status >= 400 && status < 500]).toEqual([path, true])
      expect(text).not.toContain('<script>')
    }
  })

  test('is led to the registered clients when nothing else is known [OA31]', async () => {
    const own = await givenOAuth({
      OAUTH_REDIRECT_URIS:
        'https://app.example.com/in,https://app.example.com/other,https://b.example.org/x?y=%22',
    })
    try {
      const response = await own.service.ask('/v1/auth/oauth/google/callback?state=x&code=y', {
        headers: HTML,
      })
      const { links } = await pageOf(response)
      expect(links).toEqual(['https://app.example.com/', 'https://b.example.org/'])
    } finally {
      await own.end()
    }
  }, 30_000)

  test('is no program: a client that asks for JSON gets a problem [OA31]', async () => {
    for (const accept of ['*/*', 'application/json'])
      expect(
        await problemOf(
          await given.service.ask('/v1/auth/oauth/google/callback?state=x', {
            headers: { accept },
          }),
        ),
      ).toEqual([...INVALID_STATE])
  })
})
