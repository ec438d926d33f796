import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { SignedIn, Tokens } from '../../../ports/driving/sessions/sessions.ts'
import { json } from '../edge/answers.ts'
import { versionTag } from '../edge/entity-tags.ts'
import { UserShape, userBody } from '../shared/user.ts'
import { refreshCookie } from './refresh-cookie.ts'

export const TokensShape = Type.Object(
  {
    accessToken: Type.String(),
    tokenType: Type.Literal('Bearer'),
    expiresIn: Type.Integer({ description: 'Lifetime of the access token in seconds' }),
    refreshToken: Type.Optional(
      Type.String({ description: 'Left out when it is sent as a cookie' }),
    ),
    refreshExpiresIn: Type.Integer({ description: 'Lifetime of the refresh token in seconds' }),
  },
  { $id: 'Tokens', additionalProperties: false },
)

export const SignedInShape = Type.Object(
  { user: UserShape, tokens: TokensShape },
  { $id: 'SignedIn', additionalProperties: false },
)

export const RefreshedShape = Type.Object(
  { tokens: TokensShape },
  { $id: 'Refreshed', additionalProperties: false },
)

type Transport = 'body' | 'cookie'

/** The answer to somebody who has just signed in. */
export const signedInAnswer = (
  status: 200 | 201,
  { user, tokens }: SignedIn,
  transport: Transport,
  more: Readonly<Record<string, unknown>> = {},
): Response =>
  json(
    status,
    { user: userBody(user), tokens: shown(tokens, transport), ...more },
    { etag: versionTag(user.version), ...cookieOf(tokens, transport) },
  )

/** The answer to a refresh, in the shape of the answer to a sign-in. */
export const tokensAnswer = (tokens: Tokens, transport: Transport): Response =>
  json(200, { tokens: shown(tokens, transport) }, cookieOf(tokens, transport))

// What is in the cookie no script of the page shall see. JSON leaves out what is undefined.
const shown = (tokens: Tokens, transport: Transport) =>
  transport === 'cookie' ? { ...tokensBody(tokens), refreshToken: undefined } : tokensBody(tokens)

const cookieOf = (tokens: Tokens, transport: Transport): Record<string, string> =>
  transport === 'cookie' ? { 'set-cookie': refreshCookie(tokens) } : {}

const tokensBody = (tokens: Tokens): Static<typeof TokensShape> => ({
  accessToken: tokens.accessToken,
  tokenType: 'Bearer',
  expiresIn: tokens.expiresInSeconds,
  refreshToken: tokens.refreshToken,
  refreshExpiresIn: tokens.refreshExpiresInSeconds,
})
