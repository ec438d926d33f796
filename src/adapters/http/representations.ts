import type { Static, TSchema } from '@sinclair/typebox'
import { t } from 'elysia'
import type { Session } from '../../domain/session.ts'
import type { User } from '../../domain/user.ts'
import type { Tokens } from '../../ports/driving/sessions.ts'

const nullable = <Schema extends TSchema>(schema: Schema) => t.Union([schema, t.Null()])
const Id = t.String({ format: 'uuid' })
const Instant = t.String({ format: 'date-time' })
const closed = { additionalProperties: false }

/** The shapes of answers. They document; nothing is checked against them while a request is served. */
export const UserShape = t.Object(
  {
    id: Id,
    email: nullable(t.String()),
    emailVerified: t.Boolean(),
    username: t.String(),
    displayName: nullable(t.String()),
    avatar: nullable(t.String()),
    role: t.Union([t.Literal('user'), t.Literal('moderator'), t.Literal('admin')]),
    isActive: t.Boolean(),
    createdAt: Instant,
    updatedAt: Instant,
    version: t.Integer({ minimum: 1 }),
  },
  closed,
)

export const TokensShape = t.Object(
  {
    accessToken: t.String(),
    tokenType: t.Literal('Bearer'),
    expiresIn: t.Integer({ description: 'Seconds' }),
    refreshToken: t.Optional(t.String({ description: 'Left out when it went into the cookie' })),
    refreshExpiresIn: t.Integer({ description: 'Seconds' }),
  },
  closed,
)

export const SignedInShape = t.Object({ user: UserShape, tokens: TokensShape }, closed)

export const SessionShape = t.Object(
  {
    id: Id,
    createdAt: Instant,
    lastUsedAt: Instant,
    expiresAt: Instant,
    userAgent: nullable(t.String()),
    addressPrefix: nullable(t.String()),
    current: t.Boolean(),
  },
  closed,
)

/** One page of a list. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  t.Object({ items: t.Array(item), nextCursor: nullable(t.String()) }, closed)

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
