import type { SignInGrant } from '../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../domain/sessions/session.ts'
import { ok } from '../../domain/shared/result.ts'
import type { CodeStore } from '../../ports/driven/oauth/code-store.ts'
import type { ReadSessionState, SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Transact } from '../../ports/driven/transact.ts'

type Needs = {
  readonly codes: CodeStore<SignInGrant>
  readonly readSessionState: ReadSessionState
  readonly transact: Transact
  readonly states: SessionStates
  readonly clock: Clock
}

export type EndReplayed = (code: string, client: Client) => Promise<void>

/** A second exchange this soon is a double click, and only refused. */
const DOUBLE_CLICK_SECONDS = 10

/** Ends what a code has begun when the code is presented again: one of the two is a thief (RFC 6749 §4.1.2). */
export const makeEndReplayed =
  ({ codes, readSessionState, transact, states, clock }: Needs): EndReplayed =>
  async (code, { addressPrefix }) => {
    const replay = await codes.replayOf(code)
    if (replay === null || replay.secondsSince < DOUBLE_CLICK_SECONDS) return
    const { sessionId } = replay
    const state = await readSessionState(sessionId)
    if (state === null) return
    const { user } = state
    const now = clock()
    await transact(async ({ sessions, audit }) => {
      await sessions.end(sessionId, user.id, now)
      await audit.append({
        action: 'security.code_replay',
        result: 'refused',
        ...{ actorId: null, subjectId: user.id, sessionId, addressPrefix },
        at: now,
      })
      return ok(null)
    })
    states.forgetSession(sessionId)
  }
