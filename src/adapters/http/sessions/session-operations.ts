import type { Operations } from '../openapi/operation.ts'
import { cursorNamed, inPath, LIMIT } from '../openapi/parameters.ts'
import { pageOf, SessionShape, SignedInShape, TokensShape } from '../representations.ts'
import { ReauthenticateBody, RefreshTokenBody, SignInBody } from '../request-bodies.ts'

export const SESSION_OPERATIONS = {
  'POST /v1/auth/login': {
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
    tag: 'Sessions',
    summary: 'Exchange the refresh token for new tokens',
    description:
      'A refresh token works once. The one before it is answered again for 10 seconds, since a reply may be lost; later that ends the session.',
    body: RefreshTokenBody,
    answers: { 200: { description: 'New tokens', schema: TokensShape, headers: ['Set-Cookie'] } },
    problems: ['invalid-refresh-token', 'origin-not-allowed', 'too-many-attempts'],
  },
  'POST /v1/auth/logout': {
    tag: 'Sessions',
    summary: 'Sign out',
    description:
      'Ends the session of the refresh token, else that of the access token. Also answers 204 for tokens that are spent, expired or unknown.',
    caller: 'optional',
    body: RefreshTokenBody,
    bodyMayBeLeftOut: true,
    answers: { 204: { description: 'Signed out', headers: ['Set-Cookie'] } },
    problems: ['origin-not-allowed'],
  },
  'POST /v1/auth/logout-all': {
    tag: 'Sessions',
    summary: 'Sign out everywhere',
    caller: 'required',
    answers: { 204: { description: 'All sessions have ended, this one too' } },
  },
  'POST /v1/auth/reauthenticate': {
    tag: 'Sessions',
    summary: 'Prove again who is signed in',
    description: 'The session then counts as recent for five minutes.',
    caller: 'required',
    body: ReauthenticateBody,
    answers: { 204: { description: 'Proven' } },
    problems: ['wrong-password', 'too-many-attempts'],
  },
  'GET /v1/users/me/sessions': {
    tag: 'Sessions',
    summary: 'List the own sessions, newest first',
    caller: 'required',
    parameters: [LIMIT, cursorNamed('cursor')],
    answers: { 200: { description: 'One page', schema: pageOf(SessionShape) } },
    problems: ['invalid-request'],
  },
  'DELETE /v1/users/me/sessions/:id': {
    tag: 'Sessions',
    summary: 'End one of the own sessions',
    caller: 'required',
    parameters: [inPath('id', 'The id of a session')],
    answers: { 204: { description: 'Ended' } },
    problems: ['not-found'],
  },
} as const satisfies Operations
