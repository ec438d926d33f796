import type { User } from '../../domain/accounts/user.ts'
import type { Session } from '../../domain/sessions/session.ts'
import { secondsBetween } from '../../domain/shared/instants.ts'
import type { AccessTokens } from '../../ports/driven/sessions/access-tokens.ts'
import type { RefreshTokens } from '../../ports/driven/sessions/refresh-tokens.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Tokens } from '../../ports/driving/sessions/sessions.ts'

type Needs = {
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
  readonly identifiers: Identifiers
  readonly clock: Clock
}

export type IssueTokens = (session: Session, user: User) => Promise<Tokens>

/** Issues a new access token and the current refresh token of a session. */
export const makeIssueTokens =
  ({ accessTokens, refreshTokens, identifiers, clock }: Needs): IssueTokens =>
  async (session, user) => ({
    accessToken: await accessTokens.issue({
      sub: user.id,
      sid: session.id,
      jti: identifiers.tokenId(),
      role: user.role,
      ver: user.version,
      auth_time: Math.floor(session.authenticatedAt.getTime() / 1000),
    }),
    expiresInSeconds: accessTokens.lifetimeSeconds,
    refreshToken: refreshTokens.issue(session),
    refreshExpiresInSeconds: Math.max(
      0,
      Math.round(secondsBetween(clock(), refreshExpiry(session))),
    ),
  })

const refreshExpiry = ({ idleExpiresAt, absoluteExpiresAt }: Session): Date =>
  idleExpiresAt < absoluteExpiresAt ? idleExpiresAt : absoluteExpiresAt
