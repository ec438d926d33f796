import type { Email } from '../../../domain/accounts/email.ts'
import type { Role } from '../../../domain/accounts/role.ts'
import type { Session } from '../../../domain/sessions/session.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** The caller: the stored user of a verified access token. Nothing here comes from the token's claims. */
export type UserContext = {
  readonly id: UserId
  readonly email: Email | null
  readonly role: Role
  readonly session: Session
}

/** Null when this service did not issue the token or it expired, the session ended, or the user was deleted or is inactive. */
export type Authenticate = (accessToken: string) => Promise<UserContext | null>
