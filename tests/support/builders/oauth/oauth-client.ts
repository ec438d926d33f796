import { createHash, randomBytes } from 'node:crypto'
import type { FakeProviders } from '../../../../examples/fake-providers/start-fake-providers.ts'

type Decision = Parameters<FakeProviders['decide']>[1]
type Ask = (path: string, init?: RequestInit) => Promise<Response>

export const REDIRECT_URI = 'http://localhost:5173/signed-in'

/** A client's side of one sign-in: its secrets, and the response that its browser got. */
export type StartedSignIn = {
  readonly response: Response
  readonly location: string
  /** As the browser sends it back. */
  readonly cookie: string
  readonly verifier: string
  readonly state: string
  readonly redirectUri: string
}

type Start = {
  readonly redirectUri?: string
  readonly state?: string
  readonly cookie?: string
  /** More of the query, or other. */
  readonly query?: Readonly<Record<string, string>>
}

/** A client and its browser in one. Each step is a function, so that a test can put its own steps in between. */
export const oauthClient = (ask: Ask, fake: Pick<FakeProviders, 'decide'>) => {
  const startedSignIn = (
    response: Response,
    kept: Pick<StartedSignIn, 'verifier' | 'state' | 'redirectUri'>,
  ): StartedSignIn => ({
    ...kept,
    response,
    location: response.headers.get('location') ?? '',
    cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
  })

  const start = async (provider: string, given: Start = {}): Promise<StartedSignIn> => {
    const kept = freshSecrets(given)
    const query = new URLSearchParams({
      redirect_uri: kept.redirectUri,
      state: kept.state,
      code_challenge: challengeOf(kept.verifier),
      code_challenge_method: 'S256',
      ...given.query,
    })
    const headers = given.cookie === undefined ? {} : { cookie: given.cookie }
    const response = await ask(`/v1/auth/oauth/${provider}?${query}`, {
      headers,
      redirect: 'manual',
    })
    return startedSignIn(response, kept)
  }

  /** Opens a URL of this service in the browser that has the cookie. */
  const open = (url: string, cookie: string | null): Promise<Response> => {
    const { pathname, search } = new URL(url)
    return ask(`${pathname}${search}`, {
      headers: cookie === null ? {} : { cookie },
      redirect: 'manual',
    })
  }

  const returnFromProvider = async (sent: StartedSignIn, decision: Decision): Promise<Response> =>
    open(await fake.decide(sent.location, decision), sent.cookie)

  const exchange = (
    sent: StartedSignIn,
    code: string,
    more: Readonly<Record<string, unknown>> = {},
    bearer?: string,
  ): Promise<Response> =>
    ask('/v1/auth/oauth/exchange', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({
        code,
        state: sent.state,
        codeVerifier: sent.verifier,
        redirectUri: sent.redirectUri,
        ...more,
      }),
    })

  /** The code that a browser is sent back to its client with. */
  const codeFrom = (response: Response): string => {
    const code = answerIn(response).get('code')
    if (code === null)
      throw new Error(`no code in ${response.status} ${response.headers.get('location')}`)
    return code
  }

  /** A sign-in up to the code, without the exchange. */
  const reachCode = async (provider: string, decision: Decision, given: Start = {}) => {
    const sent = await start(provider, given)
    return { sent, code: codeFrom(await returnFromProvider(sent, decision)) }
  }

  const signIn = async (provider: string, decision: Decision) => {
    const { sent, code } = await reachCode(provider, decision)
    const response = await exchange(sent, code)
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${response.status} ${text}`)
    return JSON.parse(text)
  }

  /** Starts a link and goes on to the provider. */
  const startLink = async (
    provider: string,
    bearer: string,
    given: Start = {},
  ): Promise<StartedSignIn> => {
    const kept = freshSecrets(given)
    const asked = await ask(`/v1/users/me/identities/${provider}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({
        redirectUri: kept.redirectUri,
        state: kept.state,
        codeChallenge: challengeOf(kept.verifier),
      }),
    })
    const text = await asked.text()
    if (asked.status !== 200) throw new Error(`${asked.status} ${text}`)
    return startedSignIn(await open(JSON.parse(text).authorizationUrl, null), kept)
  }

  return { start, open, returnFromProvider, exchange, codeFrom, reachCode, signIn, startLink }
}

/** The query of the redirect to the client. */
export const answerIn = (response: Response): URLSearchParams =>
  new URL(response.headers.get('location') ?? 'nowhere:').searchParams

const freshSecrets = ({ redirectUri = REDIRECT_URI, state = secret() }: Start) => ({
  redirectUri,
  state,
  verifier: secret(),
})

const secret = (): string => randomBytes(32).toString('base64url')

export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url')
