import type { User } from '../../domain/accounts/user.ts'
import type { SignInGrant } from '../../domain/oauth/sign-in-grant.ts'
import { codeBinding } from '../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { CodeStore } from '../../ports/driven/oauth/code-store.ts'
import type { OAuthMeasurements } from '../../ports/driven/oauth/oauth-measurements.ts'
import type { ReadSessionState, SessionStates } from '../../ports/driven/sessions/session-states.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type {
  ExchangeCode,
  ExchangeOutcome,
  ExchangeRefusal,
} from '../../ports/driving/oauth/oauth.ts'
import type { SessionEnded, UserContext } from '../../ports/driving/sessions/sessions.ts'
import type { Stale } from '../accounts/retry-on-conflict.ts'
import { retryOnConflict } from '../accounts/retry-on-conflict.ts'
import { ownAccountEntry, refusedEntry } from '../audit/audit-entries.ts'
import { codeExchangeBudgets, takeAttempt } from '../limits/take-attempt.ts'
import type { EndSurplusSessions } from '../sessions/end-surplus-sessions.ts'
import type { IssueTokens } from '../sessions/issue-tokens.ts'
import type { CreateSession } from '../sessions/open-session.ts'
import { lockCaller } from '../shared/lock-caller.ts'
import type { LinkIdentity } from './link-identity.ts'

type Needs = {
  readonly codes: CodeStore<SignInGrant>
  readonly limiter: Limiter
  readonly digest: Digest
  readonly stores: Stores
  readonly transact: Transact
  readonly readSessionState: ReadSessionState
  readonly states: SessionStates
  readonly createSession: CreateSession
  readonly issueTokens: IssueTokens
  readonly endSurplusSessions: EndSurplusSessions
  readonly linkIdentity: LinkIdentity
  readonly measurements: OAuthMeasurements
  readonly clock: Clock
}

/** A second exchange within this time is a double click. It is refused and has no other consequence. */
const DOUBLE_CLICK_SECONDS = 10

/** See `ExchangeCode`. */
export const makeExchangeCode = (needs: Needs): ExchangeCode => {
  const { codes, limiter, digest, measurements } = needs
  const signIn = makeSignIn(needs)
  const link = makeLink(needs)
  const revokeOnCodeReplay = makeRevokeOnCodeReplay(needs)

  const redeem = async (
    code: string,
    binding: string,
    caller: UserContext | null,
    client: Client,
  ): Promise<Result<ExchangeOutcome, ExchangeRefusal>> => {
    const grant = await codes.exchangeCode(code, binding)
    if (grant === null) {
      await revokeOnCodeReplay(code, client)
      return fail({ kind: 'invalid-grant' })
    }
    return grant.kind === 'sign-in'
      ? signIn(grant, digest(code), client)
      : link(grant, caller, client)
  }

  return async ({ code, state, codeVerifier, redirectUri }, caller, client) => {
    const budget = codeExchangeBudgets(client.addressPrefix)
    const attempt = await takeAttempt(limiter, budget)
    if (!attempt.ok) {
      measurements.codeExchange('limited')
      return attempt
    }
    const codeChallenge = digest(codeVerifier)
    const binding = codeBinding({ state, redirectUri, codeChallenge })
    const outcome = await redeem(code, binding, caller, client)
    if (outcome.ok) await limiter.giveBack(budget)
    measurements.codeExchange(outcome.ok ? outcome.value.kind : 'refused')
    return outcome
  }
}

type GrantToSignIn = Extract<SignInGrant, { readonly kind: 'sign-in' }>
type SignInRefusal = Extract<
  ExchangeRefusal,
  { readonly kind: 'invalid-grant' | 'bad-credentials' }
>

/** Begins the session that a code was made for. Before that, links the identity where the grant says so. */
const makeSignIn = (needs: Needs) => {
  const { transact, states, createSession, issueTokens, endSurplusSessions, clock } = needs
  const prepareUser = makePrepareUser(needs)
  return async (
    grant: GrantToSignIn,
    codeDigest: string,
    client: Client,
  ): Promise<Result<ExchangeOutcome, SignInRefusal>> => {
    const session = { ...createSession(grant.userId, client), id: grant.sessionId }
    const entered = await transact<User, SignInRefusal>(async (stores) => {
      const user = await prepareUser(stores, grant, client)
      if (!user.ok) return user
      // When the code store was restored from an old copy, a spent code is live again. It begins no second session.
      if (!(await stores.sessions.startFromCode(session, codeDigest)))
        return fail({ kind: 'invalid-grant' })
      await stores.credentials.signInSucceeded(grant.userId, client.addressPrefix, clock())
      await stores.audit.append(signInEntry(grant, client, 'ok', clock()))
      return user
    })
    if (!entered.ok) {
      await transact(async ({ audit }) => {
        await audit.append(signInEntry(grant, client, 'refused', clock()))
        return ok(null)
      })
      return entered
    }
    if (grant.joins !== null) states.forgetUser(grant.userId)
    await endSurplusSessions(grant.userId, session.id)
    const signedIn = { user: entered.value, tokens: await issueTokens(session, entered.value) }
    return ok({ kind: 'signed-in', signedIn, created: grant.created })
  }
}

/** The user whom a grant signs in, locked, with the identity linked where the grant says so. */
const makePrepareUser =
  ({ linkIdentity }: Needs) =>
  async (
    stores: Stores,
    { userId, revocations, provider, sessionId, joins }: GrantToSignIn,
    { addressPrefix }: Client,
  ): Promise<Result<User, SignInRefusal>> => {
    const account = await stores.credentials.lock(userId)
    const user = account && (await stores.users.find(userId))
    if (account === null || user === null) return fail({ kind: 'invalid-grant' })
    if (!user.isActive) return fail({ kind: 'bad-credentials' })
    if (account.revocations !== revocations) return fail({ kind: 'invalid-grant' })
    if (joins === null) return ok(user)
    if (user.version !== joins.version) return fail({ kind: 'invalid-grant' })
    const author = { sessionId, addressPrefix }
    const linked = await linkIdentity(stores, user, { provider, ...joins }, author)
    return linked.ok ? linked : fail({ kind: 'invalid-grant' })
  }

const signInEntry = (
  { userId, provider, sessionId }: GrantToSignIn,
  { addressPrefix }: Client,
  result: 'ok' | 'refused',
  at: Date,
) => {
  const rest = { sessionId, addressPrefix, details: `through ${provider}`, at }
  return result === 'ok'
    ? ownAccountEntry('sign-in.succeeded', userId, rest)
    : refusedEntry('sign-in.failed', userId, rest)
}

type GrantToLink = Extract<SignInGrant, { readonly kind: 'link' }>
type LinkFailure =
  | Stale
  | SessionEnded
  | { readonly kind: 'revoked' }
  | { readonly kind: 'identity-taken' }
type LinkRefusal = Extract<ExchangeRefusal, { readonly kind: 'invalid-grant' | 'identity-taken' }>

/**
 * Links an identity, for the same session that asked for the link only. So nobody can be made to link somebody else's
 * identity by a URL that was sent to them [OA22].
 */
const makeLink = (needs: Needs) => {
  const { stores, transact, states, linkIdentity, clock } = needs

  const linkTo = async (
    user: User,
    { provider, revocations, identity, askedBy: sessionId }: GrantToLink,
    caller: UserContext,
    { addressPrefix }: Client,
  ): Promise<Result<User, LinkFailure>> => {
    // An identity that is linked already changes nothing, so nothing is announced.
    const owner = await stores.identities.ownerOf(provider, identity.subject)
    if (owner?.userId === user.id) return ok(user)
    const author = { sessionId, addressPrefix }
    return transact<User, LinkFailure>(async (bound) => {
      const locked = await lockCaller(bound, caller, clock())
      if (!locked.ok) return locked
      if (locked.value.revocations !== revocations) return fail({ kind: 'revoked' })
      return linkIdentity(bound, user, { provider, ...identity }, author)
    })
  }

  return async (
    grant: GrantToLink,
    caller: UserContext | null,
    client: Client,
  ): Promise<Result<ExchangeOutcome, LinkRefusal>> => {
    if (caller === null || caller.session.id !== grant.askedBy || caller.id !== grant.userId)
      return fail({ kind: 'invalid-grant' })
    const linked = await retryOnConflict(
      () => stores.users.find(caller.id),
      null,
      (user) => linkTo(user, grant, caller, client),
    )
    states.forgetUser(caller.id)
    if (linked.ok) return ok({ kind: 'linked', user: linked.value })
    return linked.refusal.kind === 'identity-taken'
      ? fail({ kind: 'identity-taken' })
      : fail({ kind: 'invalid-grant' })
  }
}

/** Ends the session that a code has begun when the code is presented again (RFC 6749 §4.1.2): one of the two is a thief. */
const makeRevokeOnCodeReplay =
  ({ codes, readSessionState, transact, states, clock }: Needs) =>
  async (code: string, { addressPrefix }: Client): Promise<void> => {
    const replay = await codes.replayOf(code)
    if (replay === null || replay.secondsSince < DOUBLE_CLICK_SECONDS) return
    const { sessionId } = replay
    const state = await readSessionState(sessionId)
    if (state === null) return
    const { user } = state
    const now = clock()
    await transact(async ({ sessions, audit }) => {
      await sessions.end(sessionId, user.id, now)
      await audit.append(
        refusedEntry('security.code_replay', user.id, { sessionId, addressPrefix, at: now }),
      )
      return ok(null)
    })
    states.forgetSession(sessionId)
  }
