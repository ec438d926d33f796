import type { Email } from '../../../domain/accounts/email.ts'
import type { Role } from '../../../domain/accounts/role.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** Who is calling: the stored user behind a verified access token, never what the token claims. */
export type UserContext = {
  readonly id: UserId
  readonly email: Email | null
  readonly role: Role
  readonly session: Session
}

/** Null for a token that is not ours or out of time, a session that ended, a user who is gone or inactive. */
export type Authenticate = (accessToken: string) => Promise<UserContext | null>
