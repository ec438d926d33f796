import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { User } from '../../../domain/accounts/user.ts'

const nullableText = Type.Union([Type.String(), Type.Null()])
const instant = Type.String({ format: 'date-time' })

/** A user as answers show it. The shape documents the answers; no answer is checked against it while it is served. */
export const UserShape = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    email: nullableText,
    emailVerified: Type.Boolean(),
    username: Type.String(),
    displayName: nullableText,
    avatar: nullableText,
    role: Type.Union([Type.Literal('user'), Type.Literal('moderator'), Type.Literal('admin')]),
    isActive: Type.Boolean(),
    createdAt: instant,
    updatedAt: instant,
    version: Type.Integer({ minimum: 1 }),
  },
  { $id: 'User', additionalProperties: false },
)

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
