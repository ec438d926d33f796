import type { AccessClaims } from '../../../domain/sessions/access-claims.ts'

/** Signed access tokens (JWT, RFC 9068 with `typ: at+jwt`). */
export type AccessTokens = {
  readonly lifetimeSeconds: number
  /** `iat` and `exp` are set here. */
  issue(claims: Omit<AccessClaims, 'iat' | 'exp'>): Promise<string>
  /** Null for anything but a token that this service made, for this audience, in time. Does no I/O. */
  verify(token: string): Promise<AccessClaims | null>
}
