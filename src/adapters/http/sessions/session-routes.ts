import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Session, SessionPlace } from '../../../domain/sessions/session.ts'
import { parseSessionId } from '../../../domain/shared/ids.ts'
import type {
  EndSession,
  ListSessions,
  Reauthenticate,
  RefreshSession,
  SignIn,
  SignOut,
  SignOutEverywhere,
} from '../../../ports/driving/sessions/sessions.ts'
import { Denied, json, noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import type { CrossOrigin } from '../edge/cross-origin.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson, parseOptionalJson } from '../edge/json-body.ts'
import type { Order } from '../edge/lists.ts'
import { cursorNamed, LIMIT, pageFrom, pageOf, placeIn, readPageQuery } from '../edge/lists.ts'
import type { Operations } from '../openapi/operation.ts'
import { inPath } from '../openapi/operation.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import { problemOf } from '../problems/refusals.ts'
import { body, refreshTransport, secret, text } from '../shared/bodies.ts'
import { NO_REFRESH_COOKIE, presentedToken } from './refresh-cookie.ts'
import { RefreshedShape, SignedInShape, signedInAnswer, tokensAnswer } from './token-answers.ts'

/** What these routes ask the application for. */
export type SessionUseCases = {
  readonly signIn: SignIn
  readonly refreshSession: RefreshSession
  readonly signOut: SignOut
  readonly signOutEverywhere: SignOutEverywhere
  readonly reauthenticate: Reauthenticate
  readonly listSessions: ListSessions
  readonly endSession: EndSession
}

const SignInBody = body({
  identifier: text('Email address or username'),
  password: secret('The password as the person typed it'),
  refreshTransport,
})

const refreshToken = Type.Optional(
  text('The refresh token of the latest answer. A browser that has it as a cookie leaves this out'),
)

const RefreshBody = body({ refreshToken, refreshTransport })

const SignOutBody = body({ refreshToken })

const ReauthenticateBody = body({ password: secret('The current password') })

/** Signing in and out, and the sessions in between. */
export const sessionRoutes = (
  useCases: SessionUseCases,
  clients: Clients,
  guards: Guards,
  crossOrigin: CrossOrigin,
) =>
  new Elysia()
    .use(guards)
    .post(
      '/v1/auth/login',
      async ({ body, request }) => {
        const { identifier, password, refreshTransport = 'body' } = body
        const signedIn = await useCases.signIn(identifier, password, clients.of(request))
        return signedIn.ok
          ? signedInAnswer(200, signedIn.value, refreshTransport)
          : refuse(request, problemOf(signedIn.refusal))
      },
      { parse: parseJson, body: SignInBody },
    )
    .post(
      '/v1/auth/refresh',
      async ({ body, request }) => {
        const presented = presentedToken(request, body.refreshToken, crossOrigin)
        if (!presented.ok) return refuse(request, presented.refusal)
        if (presented.value === null) return refuse(request, NO_REFRESH_TOKEN)
        const { token, transport } = presented.value
        const refreshed = await useCases.refreshSession(token, clients.of(request).addressPrefix)
        return refreshed.ok
          ? tokensAnswer(refreshed.value, body.refreshTransport ?? transport)
          : refuse(request, problemOf(refreshed.refusal))
      },
      { transform: refuseQuery, parse: parseOptionalJson, body: RefreshBody },
    )
    .post(
      '/v1/auth/logout',
      async ({ body, visitor, request }) => {
        const presented = presentedToken(request, body.refreshToken, crossOrigin)
        if (!presented.ok) return refuse(request, presented.refusal)
        await useCases.signOut(presented.value?.token ?? null, visitor)
        return presented.value?.transport === 'cookie'
          ? noContent({ 'set-cookie': NO_REFRESH_COOKIE })
          : noContent()
      },
      { optionallySignedIn: true, parse: parseOptionalJson, body: SignOutBody },
    )
    .post(
      '/v1/auth/logout-all',
      async ({ caller, request }) => {
        const ended = await useCases.signOutEverywhere(caller)
        return ended.ok ? noContent() : refuse(request, problemOf(ended.refusal))
      },
      { signedIn: true },
    )
    .post(
      '/v1/auth/reauthenticate',
      async ({ caller, body, request }) => {
        const proven = await useCases.reauthenticate(caller, body.password, clients.of(request))
        return proven.ok ? noContent() : refuse(request, problemOf(proven.refusal))
      },
      { signedIn: true, parse: parseJson, body: ReauthenticateBody },
    )
    .get(
      '/v1/users/me/sessions',
      async ({ caller, request }) => {
        const query = readPageQuery(request, 'cursor')
        if (!query.ok) return refuse(request, query.refusal)
        const after = placeIn(query.value, NEWEST_FIRST)
        if (!after.ok) return refuse(request, after.refusal)
        const { limit } = query.value
        // One more than the page has tells whether there is a next page.
        const asked = { after: after.value, limit: limit + 1 }
        const found = await useCases.listSessions(caller, asked)
        const { items, nextCursor } = pageFrom(found, limit, NEWEST_FIRST)
        return json(200, {
          items: items.map((session) => sessionBody(session, session.id === caller.session.id)),
          nextCursor,
        })
      },
      { signedIn: true },
    )
    .delete(
      '/v1/users/me/sessions/:id',
      async ({ caller, params, request }) => {
        const ended = await useCases.endSession(caller, params.id)
        return ended.ok ? noContent() : refuse(request, problemOf(ended.refusal))
      },
      { signedIn: true },
    )

const NO_REFRESH_TOKEN = invalidRequest(fieldError('refreshToken', 'required'))

/** A token in an address would end up in logs, so an address with a query is none of ours. */
const refuseQuery = ({ request }: { readonly request: Request }): void => {
  if (request.url.includes('?')) throw new Denied({ code: 'not-found' })
}

// At most 13 digits: the database reads no instant beyond the year 9999.
const PLACE = /^(\d{1,13})\.([0-9a-f-]{36})$/

/** The store has the order itself; here are its places as texts. */
const NEWEST_FIRST: Omit<Order<Session, SessionPlace>, 'compare'> = {
  of: ({ createdAt, id }) => ({ createdAt, id }),
  write: ({ createdAt, id }) => `${createdAt.getTime()}.${id}`,
  read: (text) => {
    const [, createdAt, idText = ''] = PLACE.exec(text) ?? []
    const id = parseSessionId(idText)
    return createdAt === undefined || id === null
      ? null
      : { createdAt: new Date(Number(createdAt)), id }
  },
}

const nullableText = Type.Union([Type.String(), Type.Null()])
const instant = Type.String({ format: 'date-time' })

const SessionShape = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    createdAt: instant,
    lastUsedAt: instant,
    expiresAt: instant,
    userAgent: nullableText,
    addressPrefix: nullableText,
    current: Type.Boolean(),
  },
  { $id: 'Session', additionalProperties: false },
)

const sessionBody = (session: Session, current: boolean): Static<typeof SessionShape> => {
  const { idleExpiresAt, absoluteExpiresAt } = session
  return {
    id: session.id,
    createdAt: session.createdAt.toISOString(),
    lastUsedAt: session.lastUsedAt.toISOString(),
    expiresAt: (idleExpiresAt < absoluteExpiresAt
      ? idleExpiresAt
      : absoluteExpiresAt
    ).toISOString(),
    userAgent: session.userAgent,
    addressPrefix: session.addressPrefix,
    current,
  }
}

/** What the OpenAPI document says about these routes. */
export const SESSION_OPERATIONS = {
  'POST /v1/auth/login': {
    id: 'signIn',
    example: { identifier: 'johndoe', password: 'four quiet lanterns', refreshTransport: 'cookie' },
    tag: 'Sessions',
    summary: 'Sign in with an email address or a username',
    body: SignInBody,
    answers: {
      200: {
        description: 'The user and the tokens of a new session',
        schema: SignedInShape,
        headers: ['ETag', 'Set-Cookie'],
      },
    },
    problems: ['bad-credentials', 'too-many-attempts'],
  },
  'POST /v1/auth/refresh': {
    id: 'refreshSession',
    example: {},
    tag: 'Sessions',
    summary: 'Exchange the refresh token for new tokens',
    description:
      'A refresh token works once. For 10 seconds after its use the service answers it again, because the first answer may have been lost. If it is used later than that, the session ends. The body may be left out by a browser that has the token as a cookie.',
    body: RefreshBody,
    bodyMayBeLeftOut: true,
    answers: {
      200: { description: 'New tokens', schema: RefreshedShape, headers: ['Set-Cookie'] },
    },
    problems: ['invalid-refresh-token', 'origin-not-allowed', 'too-many-attempts'],
  },
  'POST /v1/auth/logout': {
    id: 'signOut',
    example: {},
    tag: 'Sessions',
    summary: 'Sign out',
    description:
      'Ends the session of the refresh token. Without a refresh token, it ends the session of the access token. The answer is 204 also for tokens that are already used, expired or unknown.',
    caller: 'optional',
    body: SignOutBody,
    bodyMayBeLeftOut: true,
    answers: { 204: { description: 'Signed out', headers: ['Set-Cookie'] } },
    problems: ['origin-not-allowed'],
  },
  'POST /v1/auth/logout-all': {
    id: 'signOutEverywhere',
    tag: 'Sessions',
    summary: 'Sign out everywhere',
    caller: 'required',
    answers: { 204: { description: 'All sessions have ended, including this one' } },
  },
  'POST /v1/auth/reauthenticate': {
    id: 'reauthenticate',
    example: { password: 'four quiet lanterns' },
    tag: 'Sessions',
    summary: 'Confirm the password of the signed-in user',
    description: 'For five minutes after this, the session counts as a recent sign-in.',
    caller: 'required',
    body: ReauthenticateBody,
    answers: { 204: { description: 'The password is correct' } },
    problems: ['wrong-password', 'too-many-attempts'],
  },
  'GET /v1/users/me/sessions': {
    id: 'listSessions',
    tag: 'Sessions',
    summary: 'List your own sessions, newest first',
    caller: 'required',
    parameters: [LIMIT, cursorNamed('cursor')],
    answers: { 200: { description: 'One page', schema: pageOf(SessionShape) } },
    problems: ['invalid-request'],
  },
  'DELETE /v1/users/me/sessions/:id': {
    id: 'endSession',
    tag: 'Sessions',
    summary: 'End one of your own sessions',
    caller: 'required',
    parameters: [inPath('id', 'The id of a session', { format: 'uuid' })],
    answers: { 204: { description: 'Ended' } },
    problems: ['not-found'],
  },
} as const satisfies Operations
