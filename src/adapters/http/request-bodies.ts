import type { TProperties } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'

// Well-formed UTF-16, that is no half of a surrogate pair, in a form that means the same with and without the u flag.
const WELL_FORMED = String.raw`^(?:[^\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`
const WITHOUT_NUL = String.raw`^(?:[^\u0000\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`
/** Keeps absurd lengths from the use cases, which know the true limits. */
const TEXT_MAXIMUM = 4096

/** What a client may use as state: 1 to 512 visible ASCII characters. */
export const CLIENT_STATE = '^[!-~]{1,512}$'
export const CODE_CHALLENGE = '^[A-Za-z0-9_-]{43}$'

const text = (description: string) =>
  Type.String({ description, maxLength: TEXT_MAXIMUM, pattern: WITHOUT_NUL })

/** A password: any well-formed text, NUL included, so that no two become one. */
const secret = (description: string) => Type.String({ description, pattern: WELL_FORMED })

/** Fields that are not named are refused. */
const body = <Fields extends TProperties>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false })

const email = text('Any form of it; kept in lower case, its domain as A-labels')
const username = text('3 to 30 letters, digits, `_`, `.` and `-`, in one script')
const displayName = Type.Union([text('1 to 100 visible characters'), Type.Null()])
const avatar = Type.Union([text('An https URL; it is passed on, never fetched'), Type.Null()])
const newPassword = secret('At least 12 characters unless configured otherwise, at most 128')

const refreshTransport = Type.Optional(
  Type.Literal('cookie', {
    description: 'For browsers: the refresh token comes as a cookie that no script can read',
  }),
)

export const RegisterBody = body({
  email,
  username,
  password: newPassword,
  displayName: Type.Optional(displayName),
  refreshTransport,
})

export const SignInBody = body({
  identifier: text('Email address or username'),
  password: secret('The password as the person typed it'),
  refreshTransport,
})

export const RefreshTokenBody = body({
  refreshToken: Type.Optional(
    text('The refresh token of the latest answer; left out by browsers that have it as a cookie'),
  ),
})

export const ExchangeBody = body({
  code: text('The code that came back to the redirect address'),
  state: text('The state that the sign-in began with'),
  codeVerifier: Type.String({
    description: 'What `code_challenge` is the S256 of (RFC 7636)',
    pattern: '^[A-Za-z0-9._~-]{43,128}$',
  }),
  redirectUri: text('The redirect address that the sign-in began with'),
  refreshTransport,
})

export const LinkBody = body({
  redirectUri: text('Where to return to; one of those registered'),
  state: Type.String({ description: 'Comes back beside the code', pattern: CLIENT_STATE }),
  codeChallenge: Type.String({
    description: 'S256 of a verifier that the client keeps (RFC 7636)',
    pattern: CODE_CHALLENGE,
  }),
})

export const ReauthenticateBody = body({ password: secret('The current password') })

export const ProfileBody = body({
  username: Type.Optional(username),
  displayName: Type.Optional(displayName),
  avatar: Type.Optional(avatar),
})

export const ReplayBody = body({
  channel: text('Where to deliver again, `nats:user.events` say'),
  userId: Type.Optional(text('Only events of this user')),
  from: Type.Optional(text('Only events committed at this instant or later (RFC 3339)')),
  to: Type.Optional(text('Only events committed before this instant (RFC 3339)')),
})

export const SyncModeBody = body({
  mode: text('`http`, `dual`, `canary` or `events`'),
  percent: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 100, description: 'With `canary`: of users, by events' }),
  ),
  dualWrite: Type.Optional(
    Type.Boolean({ description: 'With `canary` and `events`: call for everybody as well' }),
  ),
  confirmSilence: Type.Optional(
    Type.Array(text('A consumer'), {
      maxItems: 100,
      description: 'With `http`: the names of those who will hear nothing',
    }),
  ),
  acceptGap: Type.Optional(
    Type.Boolean({ description: 'Consumers may miss what is kept no longer' }),
  ),
  reason: text('1 to 500 visible characters'),
})

export const RedriveBody = body({
  consumer: text('Whose dead letters'),
  ids: Type.Optional(
    Type.Array(text('The `id` of a dead letter'), {
      description: 'Only these; left out, those that are there at this moment',
      minItems: 1,
      maxItems: 100,
    }),
  ),
})

export const ChangePasswordBody = body({
  currentPassword: Type.Optional(secret('May be left out only while the account has no password')),
  newPassword,
})
