import type { Role } from '../../../domain/accounts/role.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** The claims of an access token (RFC 9068, with the deviations that SECURITY.md lists). No personal data. */
export type AccessClaims = {
  readonly sub: UserId
  readonly sid: SessionId
  readonly jti: string
  readonly role: Role
  /** The version of the user when the token was issued. */
  readonly ver: number
  readonly auth_time: number
  readonly iat: number
  readonly exp: number
}

/** Signed access tokens (JWT, RFC 9068 with `typ: at+jwt`). */
export type AccessTokens = {
  readonly lifetimeSeconds: number
  /** Sets `iat` and `exp`. */
  issue(claims: Omit<AccessClaims, 'iat' | 'exp'>): Promise<string>
  /** Null unless this service issued the token, for this audience, and it is in time. Does no I/O. */
  verify(token: string): Promise<AccessClaims | null>
}
