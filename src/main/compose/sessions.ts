import type { SessionUseCases } from '../../adapters/http/sessions/session-routes.ts'
import { makeAuthenticate } from '../../application/sessions/authenticate.ts'
import { makeEndSession, makeRevokeSession } from '../../application/sessions/end-session.ts'
import type { EndSurplusSessions } from '../../application/sessions/end-surplus-sessions.ts'
import { makeEndSurplusSessions } from '../../application/sessions/end-surplus-sessions.ts'
import type { IssueTokens } from '../../application/sessions/issue-tokens.ts'
import { makeIssueTokens } from '../../application/sessions/issue-tokens.ts'
import { makeListSessions } from '../../application/sessions/list-sessions.ts'
import type { CreateSession } from '../../application/sessions/open-session.ts'
import { makeCreateSession, makeOpenSession } from '../../application/sessions/open-session.ts'
import { makeReauthenticate } from '../../application/sessions/reauthenticate.ts'
import { makeRefreshSession } from '../../application/sessions/refresh-session.ts'
import type { AttemptSignIn } from '../../application/sessions/sign-in.ts'
import { makeAttemptSignIn, makeSignIn } from '../../application/sessions/sign-in.ts'
import { makeSignOut } from '../../application/sessions/sign-out.ts'
import { makeSignOutEverywhere } from '../../application/sessions/sign-out-everywhere.ts'
import type { Authenticate } from '../../ports/driving/sessions/sessions.ts'
import type { Config } from '../config/config.ts'
import type { LimitsRoom } from './limits.ts'
import type { PasswordsRoom } from './passwords.ts'
import type { Resources } from './resources/open-resources.ts'
import type { Tokens } from './resources/open-tokens.ts'

export type SessionsNeeds = {
  readonly resources: Pick<
    Resources,
    | 'stores'
    | 'transact'
    | 'readSessionState'
    | 'states'
    | 'identifiers'
    | 'measurements'
    | 'clock'
    | 'log'
  > & { readonly config: Pick<Config, 'sessionLifetimes'> }
  readonly tokens: Pick<Tokens, 'accessTokens' | 'refreshTokens' | 'macs'>
  readonly limits: LimitsRoom
  readonly passwords: Pick<PasswordsRoom, 'passwords' | 'confirmPassword'>
}

export type SessionsRoom = SessionUseCases & {
  readonly authenticate: Authenticate
  readonly createSession: CreateSession
  readonly issueTokens: IssueTokens
  readonly endSurplusSessions: EndSurplusSessions
  readonly attemptSignIn: AttemptSignIn
}

export const composeSessions = ({
  resources,
  tokens,
  limits,
  passwords,
}: SessionsNeeds): SessionsRoom => {
  const needs = {
    ...resources,
    ...tokens,
    ...limits,
    ...passwords,
    lifetimes: resources.config.sessionLifetimes,
  }
  const createSession = makeCreateSession(needs)
  const issueTokens = makeIssueTokens(needs)
  const endSurplusSessions = makeEndSurplusSessions(needs)
  const openSession = makeOpenSession({
    ...needs,
    createSession,
    issueTokens,
    endSurplusSessions,
  })
  const attemptSignIn = makeAttemptSignIn({ ...needs, openSession })
  const revokeSession = makeRevokeSession(needs)
  return {
    createSession,
    issueTokens,
    endSurplusSessions,
    attemptSignIn,
    signIn: makeSignIn(attemptSignIn),
    refreshSession: makeRefreshSession({ ...needs, issueTokens }),
    signOut: makeSignOut({ ...needs, revokeSession }),
    signOutEverywhere: makeSignOutEverywhere(needs),
    reauthenticate: makeReauthenticate(needs),
    authenticate: makeAuthenticate(needs),
    listSessions: makeListSessions(resources.stores.sessions, resources.clock),
    endSession: makeEndSession(revokeSession),
  }
}
