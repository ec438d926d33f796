import { Type } from '@sinclair/typebox'
import type { Operations, Parameter } from '../openapi/operation.ts'
import { cursorNamed, inPath, LIMIT } from '../openapi/parameters.ts'
import { ExchangedShape, IdentityShape, ProviderShape, pageOf } from '../representations.ts'
import { CLIENT_STATE, CODE_CHALLENGE, ExchangeBody, LinkBody } from '../request-bodies.ts'

const PROVIDER = inPath('provider', 'One of /v1/auth/providers: google, facebook, line')

const asked = (name: string, description: string, pattern?: string): Parameter => ({
  ...{ in: 'query', name, description, required: true },
  schema: Type.String(pattern === undefined ? {} : { pattern }),
})
const brought = (name: string, description: string): Parameter => ({
  ...{ in: 'query', name, description },
  schema: Type.String(),
})

const DEPARTURE = {
  description: 'On to the provider',
  headers: ['Location', 'Set-Cookie'],
} as const

export const OAUTH_OPERATIONS = {
  'GET /v1/auth/providers': {
    tag: 'Providers',
    summary: 'List the providers that somebody can sign in through',
    answers: {
      200: {
        description: 'Those that are configured',
        schema: Type.Object({ items: Type.Array(ProviderShape) }, { additionalProperties: false }),
      },
    },
  },
  'GET /v1/auth/oauth/:provider': {
    tag: 'Providers',
    summary: 'Begin a sign-in: to be opened in a browser',
    parameters: [
      PROVIDER,
      asked('redirect_uri', 'Where to return to; one of those registered'),
      asked('state', 'Comes back beside the code', CLIENT_STATE),
      asked('code_challenge', 'S256 of a verifier that the client keeps', CODE_CHALLENGE),
      asked('code_challenge_method', '`S256`'),
    ],
    answers: { 302: DEPARTURE },
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
    tag: 'Providers',
    summary: 'Take a browser back from a provider',
    description: [
      'Goes on to the redirect address of the client with `state` and either `code`, good for five minutes and one',
      'exchange, or `error`: `access_denied`, `link_required` (the account with this address has to be signed in to by',
      'other means and linked from the profile), `temporarily_unavailable` or `server_error`.',
    ].join(' '),
    parameters: [
      PROVIDER,
      brought('code', "The provider's code"),
      brought('state', 'Our state'),
      brought('iss', 'The provider (RFC 9207)'),
      brought('error', "The provider's error"),
    ],
    answers: { 303: { description: 'Back to the client', headers: ['Location'] } },
    problems: ['invalid-oauth-state', 'invalid-id-token', 'provider-failed', 'provider-timeout'],
  },
  'GET /v1/auth/oauth/continue/:ticket': {
    tag: 'Providers',
    summary: 'Begin the linking of an identity: to be opened in a browser, once, within a minute',
    parameters: [inPath('ticket', 'As `authorizationUrl` has it')],
    answers: { 302: DEPARTURE },
    problems: ['invalid-oauth-state', 'provider-failed', 'provider-timeout'],
  },
  'POST /v1/auth/oauth/exchange': {
    tag: 'Providers',
    summary: 'Exchange a one-time code for tokens, or for the link that this session asked for',
    description: 'Whatever is wrong about an exchange spends the code.',
    caller: 'optional',
    body: ExchangeBody,
    answers: {
      200: {
        description: 'Tokens of a new session, or the linked user',
        schema: ExchangedShape,
        headers: ['ETag', 'Set-Cookie'],
      },
    },
    problems: ['invalid-grant', 'bad-credentials', 'identity-taken', 'too-many-attempts'],
  },
  'GET /v1/users/me/identities': {
    tag: 'Providers',
    summary: 'List the own identities at providers',
    caller: 'required',
    parameters: [LIMIT, cursorNamed('cursor')],
    answers: { 200: { description: 'One page', schema: pageOf(IdentityShape) } },
    problems: ['invalid-request'],
  },
  'POST /v1/users/me/identities/:provider': {
    tag: 'Providers',
    summary: 'Ask for an identity to be linked',
    description:
      'Needs a sign-in or a reauthentication of the last five minutes. The code that comes back is exchanged with the bearer of this session.',
    caller: 'required',
    parameters: [PROVIDER],
    body: LinkBody,
    answers: {
      200: {
        description: 'What to open in a browser',
        schema: Type.Object(
          { authorizationUrl: Type.String({ format: 'uri' }) },
          { additionalProperties: false },
        ),
      },
    },
    problems: [
      'invalid-redirect-uri',
      'recent-login-required',
      'unknown-provider',
      'too-many-attempts',
    ],
  },
  'DELETE /v1/users/me/identities/:provider': {
    tag: 'Providers',
    summary: 'Unlink an identity',
    caller: 'required',
    parameters: [PROVIDER],
    answers: { 204: { description: 'Unlinked' } },
    problems: ['last-sign-in-method', 'not-found'],
  },
} as const satisfies Operations
