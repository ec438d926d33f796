import type { StringOptions } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { RedirectUris } from '../../../domain/oauth/redirect-uri.ts'
import { REDIRECT_URI_MAXIMUM } from '../../../domain/oauth/redirect-uri.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type {
  AuthorizationStart,
  ContinueLink,
  ContinueLinkRefusal,
  ExchangeCode,
  ExchangeOutcome,
  FinishOAuth,
  ListProviders,
  StartOAuth,
  StartOAuthRefusal,
} from '../../../ports/driving/oauth/oauth.ts'
import { json, redirect, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import { versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import type { Operations, Parameter } from '../openapi/operation.ts'
import { inPath } from '../openapi/operation.ts'
import { problemOf } from '../problems/refusals.ts'
import { signedInAnswer, TokensShape } from '../sessions/token-answers.ts'
import { body, refreshTransport, text } from '../shared/bodies.ts'
import { UserShape, userBody } from '../shared/user.ts'
import { PROVIDER } from './identity-routes.ts'
import { makeOAuthCookie } from './oauth-cookie.ts'
import {
  CLIENT_STATE,
  CODE_CHALLENGE,
  readAuthorizationResponse,
  readClientRequest,
} from './oauth-query.ts'
import { makeShowProblemsAsPages } from './refusal-page.ts'

/** What these routes ask the application for. */
export type OAuthUseCases = {
  readonly listProviders: ListProviders
  readonly startOAuth: StartOAuth
  readonly finishOAuth: FinishOAuth
  readonly continueLink: ContinueLink
  readonly exchangeCode: ExchangeCode
}

type OAuthNeeds = OAuthUseCases & {
  readonly settings: { readonly publicUrl: string; readonly redirectUris: RedirectUris }
}

const ExchangeBody = body({
  code: text('The code that came back to the redirect address'),
  state: text('The state that the sign-in started with'),
  codeVerifier: text(
    'The verifier from which the client made the code challenge by S256 (RFC 7636)',
    { minLength: 43, maxLength: 128, pattern: '^[A-Za-z0-9._~-]{43,128}$' },
    {
      code: 'invalid-characters',
      detail: 'A code verifier must be 43 to 128 letters, digits, `-`, `.`, `_` and `~`.',
    },
  ),
  redirectUri: text('The redirect address that the sign-in started with', {
    maxLength: REDIRECT_URI_MAXIMUM,
  }),
  refreshTransport,
})

const PREFIX = '/v1/auth/oauth/'

/** Whether a path belongs to these routes. A GET of them changes something, so the service answers no HEAD for them. */
export const isOAuthPath = (path: string): boolean => path.startsWith(PREFIX)

/** The routes for a sign-in through a provider: the start, the callback, and the exchange of the code for tokens. */
export const oauthRoutes = (useCases: OAuthNeeds, clients: Clients, guards: Guards) => {
  const cookie = makeOAuthCookie(useCases.settings.publicUrl)
  const showProblemsAsPages = makeShowProblemsAsPages(useCases.settings.redirectUris)

  const send = (
    request: Request,
    started: Result<AuthorizationStart, StartOAuthRefusal | ContinueLinkRefusal>,
  ): Response => {
    if (!started.ok) return refuse(request, problemOf(started.refusal))
    const { location, state, browser } = started.value
    const response = redirect(302, location)
    for (const each of cookie.begin(request, state, browser))
      response.headers.append('set-cookie', each)
    return response
  }

  return new Elysia()
    .use(guards)
    .get('/v1/auth/providers', () => json(200, { items: useCases.listProviders() }))
    .get(`${PREFIX}:provider`, async ({ params, request }) => {
      showProblemsAsPages(request)
      const asked = readClientRequest(request)
      if (!asked.ok) return refuse(request, asked.refusal)
      const { addressPrefix } = clients.of(request)
      return send(request, await useCases.startOAuth(params.provider, asked.value, addressPrefix))
    })
    .get(`${PREFIX}continue/:ticket`, async ({ params, request }) => {
      showProblemsAsPages(request)
      return send(request, await useCases.continueLink(params.ticket))
    })
    .get(`${PREFIX}:provider/callback`, async ({ params, request }) => {
      showProblemsAsPages(request)
      const response = readAuthorizationResponse(request)
      const browser = cookie.read(request, response.state)
      const back = await useCases.finishOAuth(params.provider, response, browser)
      // The sign-in is over, so its cookie ends, too.
      const ended: Record<string, string> =
        browser === null || response.state === null
          ? {}
          : { 'set-cookie': cookie.end(response.state) }
      if (back.ok) return redirect(303, back.value.location, ended)
      showProblemsAsPages(request, back.refusal.returnTo)
      return refuse(request, { ...problemOf(back.refusal), headers: ended })
    })
    .post(
      `${PREFIX}exchange`,
      async ({ body, visitor, request }) => {
        const { refreshTransport = 'body', ...exchange } = body
        const exchanged = await useCases.exchangeCode(exchange, visitor, clients.of(request))
        return exchanged.ok
          ? exchangedAnswer(exchanged.value, refreshTransport)
          : refuse(request, problemOf(exchanged.refusal))
      },
      { optionallySignedIn: true, parse: parseJson, body: ExchangeBody },
    )
}

const exchangedAnswer = (exchanged: ExchangeOutcome, transport: 'body' | 'cookie'): Response => {
  if (exchanged.kind === 'signed-in')
    return signedInAnswer(200, exchanged.signedIn, transport, { created: exchanged.created })
  const { user } = exchanged
  return json(200, { user: userBody(user), linked: true }, { etag: versionTag(user.version) })
}

const ProviderShape = Type.Object(
  { id: Type.String(), name: Type.String() },
  { additionalProperties: false },
)

const ExchangedShape = Type.Union(
  [
    Type.Object(
      { user: UserShape, tokens: TokensShape, created: Type.Boolean() },
      { additionalProperties: false },
    ),
    Type.Object({ user: UserShape, linked: Type.Literal(true) }, { additionalProperties: false }),
  ],
  { $id: 'Exchanged' },
)

const asked = (
  name: string,
  description: string,
  { example, ...keywords }: { readonly example: string } & StringOptions,
): Parameter => ({
  in: 'query',
  name,
  description,
  required: true,
  schema: Type.String(keywords),
  example,
})

const returned = (name: string, description: string): Parameter => ({
  in: 'query',
  name,
  description,
  schema: Type.String(),
})

const TO_PROVIDER = {
  description: 'Redirect to the provider',
  headers: ['Location', 'Set-Cookie'],
} as const

/** What the OpenAPI document says about these routes. */
export const OAUTH_OPERATIONS = {
  'GET /v1/auth/providers': {
    id: 'listProviders',
    tag: 'Providers',
    summary: 'List the providers for sign-in',
    answers: {
      200: {
        description: 'The configured providers',
        schema: Type.Object({ items: Type.Array(ProviderShape) }, { additionalProperties: false }),
      },
    },
  },
  'GET /v1/auth/oauth/:provider': {
    id: 'startOAuth',
    tag: 'Providers',
    summary: 'Start a sign-in through a provider. Open this in a browser',
    parameters: [
      PROVIDER,
      asked(
        'redirect_uri',
        'Where the browser returns to. It must be registered in OAUTH_REDIRECT_URIS',
        { format: 'uri', maxLength: REDIRECT_URI_MAXIMUM, example: 'http://localhost:3002/' },
      ),
      asked('state', 'Comes back together with the code', {
        minLength: 1,
        maxLength: 512,
        pattern: CLIENT_STATE,
        example: 'a-state-of-the-client',
      }),
      asked('code_challenge', 'The S256 challenge of the verifier that the client keeps', {
        minLength: 43,
        maxLength: 43,
        pattern: CODE_CHALLENGE,
        example: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      }),
      asked('code_challenge_method', 'Must be `S256`', { enum: ['S256'], example: 'S256' }),
    ],
    answers: { 302: TO_PROVIDER },
    problems: [
      'invalid-redirect-uri',
      'unknown-provider',
      'too-many-attempts',
      'provider-failed',
      'provider-timeout',
    ],
    refusesQuery: true,
  },
  'GET /v1/auth/oauth/:provider/callback': {
    id: 'finishOAuth',
    tag: 'Providers',
    summary: 'Receive the browser from the provider',
    description: [
      'Redirects the browser to the redirect address of the client with `state` and either `code` or `error`. The code is',
      'valid for five minutes and for one exchange. The error is `access_denied`, `link_required`, `temporarily_unavailable`',
      'or `server_error`. After `link_required` the person must sign in to the account with this address in another way, and',
      'link the provider from the profile. A request that accepts `text/html`, as browsers send it, gets a refusal as a page with',
      'a way back to the client.',
    ].join(' '),
    parameters: [
      PROVIDER,
      returned('code', "The provider's code"),
      returned('state', 'The state that this service sent to the provider'),
      returned('iss', 'The issuer identifier of the provider (RFC 9207)'),
      returned('error', "The provider's error"),
    ],
    answers: {
      303: { description: 'Redirect to the client', headers: ['Location', 'Set-Cookie'] },
    },
    problems: ['invalid-oauth-state', 'invalid-id-token', 'provider-failed', 'provider-timeout'],
  },
  'GET /v1/auth/oauth/continue/:ticket': {
    id: 'continueLink',
    tag: 'Providers',
    summary: 'Start linking an identity. Open this in a browser, once, within a minute',
    parameters: [
      inPath('ticket', 'The ticket in `authorizationUrl`', { pattern: '^[A-Za-z0-9_-]+$' }),
    ],
    answers: { 302: TO_PROVIDER },
    problems: ['invalid-oauth-state', 'provider-failed', 'provider-timeout'],
  },
  'POST /v1/auth/oauth/exchange': {
    id: 'exchangeCode',
    example: {
      code: 'the-code-that-came-back',
      state: 'a-state-of-the-client',
      codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      redirectUri: 'http://localhost:3002/',
    },
    tag: 'Providers',
    summary:
      'Exchange a one-time code for tokens, or complete the link that this session asked for',
    description: 'If anything in the exchange is wrong, the code becomes invalid.',
    caller: 'optional',
    body: ExchangeBody,
    answers: {
      200: {
        description: 'The tokens of a new session, or the user with the new link',
        schema: ExchangedShape,
        headers: ['ETag', 'Set-Cookie'],
      },
    },
    problems: ['invalid-grant', 'bad-credentials', 'identity-taken', 'too-many-attempts'],
  },
} as const satisfies Operations
