import type { Client, Session, SessionLifetimes } from '../../domain/sessions/session.ts'
import { startSession } from '../../domain/sessions/session.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'

type Needs = {
  readonly identifiers: Identifiers
  readonly lifetimes: SessionLifetimes
  readonly clock: Clock
}

export type BeginSession = (user: UserId, client: Client) => Session

/** A session with an id and a salt of its own, not stored yet. */
export const makeBeginSession =
  ({ identifiers, lifetimes, clock }: Needs): BeginSession =>
  (user, client) =>
    startSession(
      identifiers.sessionId(),
      user,
      identifiers.sessionSalt(),
      client,
      lifetimes,
      clock(),
    )
