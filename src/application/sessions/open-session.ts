import type { Client, Session, SessionLifetimes } from '../../domain/sessions/session.ts'
import { MAXIMUM_SESSIONS, startSession } from '../../domain/sessions/session.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type { SignedIn } from '../../ports/driving/sessions/sessions.ts'
import { sessionStartedEntry } from '../audit/audit-entries.ts'
import type { EndSurplusSessions } from './end-surplus-sessions.ts'
import type { IssueTokens } from './issue-tokens.ts'

export type CreateSession = (user: UserId, client: Client) => Session

type CreateNeeds = {
  readonly identifiers: Identifiers
  readonly lifetimes: SessionLifetimes
  readonly clock: Clock
}

/** Creates a session that starts now, with a new id and a new salt. It is not stored yet. */
export const makeCreateSession =
  ({ identifiers, lifetimes, clock }: CreateNeeds): CreateSession =>
  (user, client) =>
    startSession(
      identifiers.sessionId(),
      user,
      identifiers.sessionSalt(),
      client,
      lifetimes,
      clock(),
    )

/** Null when the account changed after the password was verified: the caller has to verify again. */
export type OpenSession = (
  user: UserId,
  passwordHash: string,
  client: Client,
) => Promise<SignedIn | null>

type OpenNeeds = {
  readonly stores: Stores
  readonly createSession: CreateSession
  readonly issueTokens: IssueTokens
  readonly endSurplusSessions: EndSurplusSessions
}

/**
 * Opens a session for a user whose password was verified. Verifying takes a while, so the store checks the account
 * again while it holds a lock on it: a guess past the cap of failures [BF6] opens no session, and neither does a
 * password that was replaced meanwhile [SE8].
 */
export const makeOpenSession =
  ({ stores, createSession, issueTokens, endSurplusSessions }: OpenNeeds): OpenSession =>
  async (userId, passwordHash, client) => {
    const { addressPrefix } = client
    const session = createSession(userId, client)
    const entry = sessionStartedEntry('sign-in.succeeded', session, addressPrefix)
    const opened = await stores.passwordSignIns.openSession({
      session,
      passwordHash,
      addressPrefix,
      entry,
      keep: MAXIMUM_SESSIONS,
    })
    if (opened === null) return null
    if (opened.mayHaveSurplus) await endSurplusSessions(userId, session.id)
    return { user: opened.user, tokens: await issueTokens(session, opened.user) }
  }
