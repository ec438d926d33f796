import type { Static, TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { User } from '../../domain/accounts/user.ts'
import type { Session } from '../../domain/sessions/session.ts'
import type { OwnIdentity } from '../../ports/driving/oauth/oauth.ts'
import type { Tokens } from '../../ports/driving/sessions/sessions.ts'

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const Id = Type.String({ format: 'uuid' })
const Instant = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }

/** The shapes of answers. They document; nothing is checked against them while a request is served. */
export const UserShape = Type.Object(
  {
    id: Id,
    email: nullable(Type.String()),
    emailVerified: Type.Boolean(),
    username: Type.String(),
    displayName: nullable(Type.String()),
    avatar: nullable(Type.String()),
    role: Type.Union([Type.Literal('user'), Type.Literal('moderator'), Type.Literal('admin')]),
    isActive: Type.Boolean(),
    createdAt: Instant,
    updatedAt: Instant,
    version: Type.Integer({ minimum: 1 }),
  },
  closed,
)

export const TokensShape = Type.Object(
  {
    accessToken: Type.String(),
    tokenType: Type.Literal('Bearer'),
    expiresIn: Type.Integer({ description: 'Seconds' }),
    refreshToken: Type.Optional(
      Type.String({ description: 'Left out when it went into the cookie' }),
    ),
    refreshExpiresIn: Type.Integer({ description: 'Seconds' }),
  },
  closed,
)

export const SignedInShape = Type.Object({ user: UserShape, tokens: TokensShape }, closed)

export const ExchangedShape = Type.Union([
  Type.Object({ user: UserShape, tokens: TokensShape, created: Type.Boolean() }, closed),
  Type.Object({ user: UserShape, linked: Type.Literal(true) }, closed),
])

export const ProviderShape = Type.Object({ id: Type.String(), name: Type.String() }, closed)

export const IdentityShape = Type.Object(
  {
    provider: Type.String(),
    linkedAt: Instant,
    email: nullable(
      Type.String({ description: 'The address that the provider named when it was linked' }),
    ),
  },
  closed,
)

export const SessionShape = Type.Object(
  {
    id: Id,
    createdAt: Instant,
    lastUsedAt: Instant,
    expiresAt: Instant,
    userAgent: nullable(Type.String()),
    addressPrefix: nullable(Type.String()),
    current: Type.Boolean(),
  },
  closed,
)

/** One page of a list. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), nextCursor: nullable(Type.String()) }, closed)

export const userBody = (user: User): Static<typeof UserShape> => ({
  id: user.id,
  email: user.email,
  emailVerified: user.emailVerified,
  username: user.username,
  displayName: user.displayName,
  avatar: user.avatar,
  role: user.role,
  isActive: user.isActive,
  createdAt: user.createdAt.toISOString(),
  updatedAt: user.updatedAt.toISOString(),
  version: user.version,
})

export const tokensBody = (tokens: Tokens): Static<typeof TokensShape> => ({
  accessToken: tokens.accessToken,
  tokenType: 'Bearer',
  expiresIn: tokens.expiresInSeconds,
  refreshToken: tokens.refreshToken,
  refreshExpiresIn: tokens.refreshExpiresInSeconds,
})

export const identityBody = ({
  provider,
  linkedAt,
  email,
}: OwnIdentity): Static<typeof IdentityShape> => ({
  provider,
  linkedAt: linkedAt.toISOString(),
  email,
})

export const sessionBody = (session: Session, current: boolean): Static<typeof SessionShape> => {
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
