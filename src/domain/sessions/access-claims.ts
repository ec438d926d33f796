import type { Role } from '../accounts/role.ts'
import type { SessionId, UserId } from '../shared/ids.ts'

/** What an access token says (RFC 9068, with the deviations that SECURITY.md lists). No personal data. */
export type AccessClaims = {
  readonly sub: UserId
  readonly sid: SessionId
  readonly jti: string
  readonly role: Role
  /** The version of the user when the token was made. */
  readonly ver: number
  readonly auth_time: number
  readonly iat: number
  readonly exp: number
}

export const FIRST_PARTY_CLIENT = 'first-party'
