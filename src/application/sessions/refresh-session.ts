import type { SessionLifetimes } from '../../domain/sessions/session.ts'
import { tokenStatus } from '../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { RefreshTokens } from '../../ports/driven/sessions/refresh-tokens.ts'
import type { SessionMeasurements } from '../../ports/driven/sessions/session-measurements.ts'
import type {
  ReadSessionState,
  SessionState,
  SessionStates,
} from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type {
  RefreshRefusal,
  RefreshSession,
  Tokens,
} from '../../ports/driving/sessions/sessions.ts'
import { refusedEntry } from '../audit/audit-entries.ts'
import { forgedRefreshBudgets, refreshBudgets, takeAttempt } from '../limits/take-attempt.ts'
import type { IssueTokens } from './issue-tokens.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly readSessionState: ReadSessionState
  readonly states: SessionStates
  readonly limiter: Limiter
  readonly refreshTokens: RefreshTokens
  readonly issueTokens: IssueTokens
  readonly lifetimes: SessionLifetimes
  readonly measurements: SessionMeasurements
  readonly clock: Clock
}

type Outcome = Result<Tokens, RefreshRefusal>

/**
 * See `RefreshSession`. When several requests present the same token, one conditional update decides which of them
 * rotates the session. The others get the current token, within the grace of 10 s [SE3].
 */
export const makeRefreshSession = (needs: Needs): RefreshSession => {
  const { stores, readSessionState, limiter, refreshTokens, issueTokens } = needs
  const { lifetimes, measurements, clock } = needs
  const endReusedSession = makeEndReusedSession(needs)

  const decide = async (
    state: SessionState,
    generation: number,
    prefix: AddressPrefix,
  ): Promise<Outcome> => {
    switch (tokenStatus(state.session, generation, clock())) {
      case 'current':
        return rotate(state, prefix)
      case 'in-grace':
        measurements.refresh('repeated')
        return ok(await issueTokens(state.session, state.user))
      case 'reused':
        measurements.refresh('reused')
        return endReusedSession(state, prefix)
      case 'unknown':
      case 'ended':
        return refused()
    }
  }

  const rotate = async (
    { session, user }: SessionState,
    prefix: AddressPrefix,
  ): Promise<Outcome> => {
    const budget = refreshBudgets(session.id)
    const attempt = await takeAttempt(limiter, budget)
    const next = attempt.ok
      ? await stores.sessions.rotate(session.id, session.generation, lifetimes, clock())
      : null
    if (next !== null) {
      measurements.refresh('rotated')
      return ok(await issueTokens(next, user))
    }
    // Another request rotated the session between our read and our update, or the session ended: read it again. The
    // second request costs no attempt, and the budget does not refuse it: a retry after the grace would look like reuse.
    const latest = await readSessionState(session.id)
    if (latest?.user.isActive && latest.session.generation > session.generation) {
      if (attempt.ok) await limiter.giveBack(budget)
      return decide(latest, session.generation, prefix)
    }
    return attempt.ok ? refused() : limited(attempt)
  }

  const limited = (attempt: Outcome): Outcome => {
    measurements.refresh('limited')
    return attempt
  }

  const refused = (): Outcome => {
    measurements.refresh('refused')
    return fail({ kind: 'invalid-refresh-token' })
  }

  const refuseForged = async (prefix: AddressPrefix): Promise<Outcome> => {
    const attempt = await takeAttempt(limiter, forgedRefreshBudgets(prefix))
    return attempt.ok ? refused() : limited(attempt)
  }

  return async (token, prefix) => {
    const claim = refreshTokens.read(token)
    if (claim === null) return refuseForged(prefix)
    const state = await readSessionState(claim.sessionId)
    if (state === null) return refused()
    if (!refreshTokens.isGenuine(token, state.session)) return refuseForged(prefix)
    return state.user.isActive ? decide(state, claim.generation, prefix) : refused()
  }
}

/**
 * A reused token means that two parties hold tokens of the session. It ends for both, with an audit entry (RFC 9700 §4.14.2).
 * Of several calls at once the one that ends it is audited, because a reused token uses no budget [BF13].
 */
const makeEndReusedSession =
  ({ transact, states, clock }: Needs) =>
  async ({ session, user }: SessionState, prefix: AddressPrefix): Promise<Outcome> => {
    const now = clock()
    await transact(async ({ sessions, audit }) => {
      if (await sessions.end(session.id, user.id, now))
        await audit.append(
          refusedEntry('security.refresh_reuse', user.id, {
            sessionId: session.id,
            addressPrefix: prefix,
            at: now,
          }),
        )
      return ok(null)
    })
    states.forgetSession(session.id)
    return fail({ kind: 'invalid-refresh-token' })
  }
