import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { ProviderId } from '../../../domain/oauth/provider.ts'
import { parseProviderId } from '../../../domain/oauth/provider.ts'
import { REDIRECT_URI_MAXIMUM } from '../../../domain/oauth/redirect-uri.ts'
import type {
  ListIdentities,
  OwnIdentity,
  StartLink,
  UnlinkIdentity,
} from '../../../ports/driving/oauth/oauth.ts'
import { json, noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import type { Order } from '../edge/lists.ts'
import { cursorNamed, LIMIT, pageAfter, pageOf, readPageQuery } from '../edge/lists.ts'
import type { Operations } from '../openapi/operation.ts'
import { inPath } from '../openapi/operation.ts'
import { problemOf } from '../problems/refusals.ts'
import { body, text } from '../shared/bodies.ts'
import { CLIENT_STATE, CODE_CHALLENGE } from './oauth-query.ts'

/** What these routes ask the application for. */
export type IdentityUseCases = {
  readonly listIdentities: ListIdentities
  readonly startLink: StartLink
  readonly unlinkIdentity: UnlinkIdentity
}

const LinkBody = body({
  redirectUri: text('Where the browser returns to. It must be registered in OAUTH_REDIRECT_URIS', {
    format: 'uri',
    maxLength: REDIRECT_URI_MAXIMUM,
  }),
  state: text(
    'Comes back together with the code',
    { minLength: 1, maxLength: 512, pattern: CLIENT_STATE },
    {
      code: 'invalid-characters',
      detail: 'A state must be 1 to 512 visible ASCII characters.',
    },
  ),
  codeChallenge: text(
    'The S256 challenge of the verifier that the client keeps (RFC 7636)',
    { minLength: 43, maxLength: 43, pattern: CODE_CHALLENGE },
    {
      code: 'invalid-characters',
      detail: 'A code challenge must be 43 characters of base64url.',
    },
  ),
})

/** The identities at providers that open the account of whoever asks. */
export const identityRoutes = (useCases: IdentityUseCases, clients: Clients, guards: Guards) =>
  new Elysia()
    .use(guards)
    .get(
      '/v1/users/me/identities',
      async ({ caller, request }) => {
        const query = readPageQuery(request, 'cursor')
        if (!query.ok) return refuse(request, query.refusal)
        const page = pageAfter(await useCases.listIdentities(caller), query.value, BY_PROVIDER)
        if (!page.ok) return refuse(request, page.refusal)
        const { items, nextCursor } = page.value
        return json(200, { items: items.map(identityBody), nextCursor })
      },
      { signedIn: true },
    )
    .post(
      '/v1/users/me/identities/:provider',
      async ({ caller, params, body, request }) => {
        const { addressPrefix } = clients.of(request)
        const asked = await useCases.startLink(caller, params.provider, body, addressPrefix)
        return asked.ok ? json(200, asked.value) : refuse(request, problemOf(asked.refusal))
      },
      { signedIn: true, parse: parseJson, body: LinkBody },
    )
    .delete(
      '/v1/users/me/identities/:provider',
      async ({ caller, params, request }) => {
        const unlinked = await useCases.unlinkIdentity(caller, params.provider)
        return unlinked.ok ? noContent() : refuse(request, problemOf(unlinked.refusal))
      },
      { signedIn: true },
    )

const BY_PROVIDER: Order<OwnIdentity, ProviderId> = {
  of: ({ provider }) => provider,
  compare: (one, other) => (one < other ? -1 : one > other ? 1 : 0),
  write: (provider) => provider,
  read: parseProviderId,
}

const IdentityShape = Type.Object(
  {
    provider: Type.String(),
    linkedAt: Type.String({ format: 'date-time' }),
    email: Type.Union([
      Type.String({
        description: 'The address that the provider gave when the identity was linked',
      }),
      Type.Null(),
    ]),
  },
  { $id: 'Identity', additionalProperties: false },
)

const identityBody = ({
  provider,
  linkedAt,
  email,
}: OwnIdentity): Static<typeof IdentityShape> => ({
  provider,
  linkedAt: linkedAt.toISOString(),
  email,
})

export const PROVIDER = inPath(
  'provider',
  'An id from /v1/auth/providers: google, facebook or line',
  { pattern: '^[a-z]{1,32}$', example: 'google' },
)

/** What the OpenAPI document says about these routes. */
export const IDENTITY_OPERATIONS = {
  'GET /v1/users/me/identities': {
    id: 'listIdentities',
    tag: 'Providers',
    summary: 'List your own identities at providers',
    caller: 'required',
    parameters: [LIMIT, cursorNamed('cursor')],
    answers: { 200: { description: 'One page', schema: pageOf(IdentityShape) } },
    problems: ['invalid-request'],
  },
  'POST /v1/users/me/identities/:provider': {
    id: 'startLink',
    example: {
      redirectUri: 'http://localhost:3002/',
      state: 'a-state-of-the-client',
      codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    },
    tag: 'Providers',
    summary: 'Ask to link an identity',
    description:
      'Requires a sign-in or a reauthentication in the last five minutes. Exchange the code that comes back with the access token of this session.',
    caller: 'required',
    parameters: [PROVIDER],
    body: LinkBody,
    answers: {
      200: {
        description: 'The address to open in a browser',
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
    id: 'unlinkIdentity',
    tag: 'Providers',
    summary: 'Unlink an identity',
    description: 'Requires a sign-in or a reauthentication in the last five minutes.',
    caller: 'required',
    parameters: [PROVIDER],
    answers: { 204: { description: 'Unlinked' } },
    problems: ['recent-login-required', 'last-sign-in-method', 'not-found'],
  },
} as const satisfies Operations
