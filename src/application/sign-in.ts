import { CONSECUTIVE_FAILURES_CAP } from '../domain/limits.ts'
import type { Password } from '../domain/password.ts'
import { parsePassword } from '../domain/password.ts'
import type { Result } from '../domain/result.ts'
import { fail, ok } from '../domain/result.ts'
import type { Client } from '../domain/session.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { SignInRecord } from '../ports/driven/credentials.ts'
import type { Limiter } from '../ports/driven/limiter.ts'
import type { Log } from '../ports/driven/log.ts'
import type { Macs } from '../ports/driven/macs.ts'
import type { Measurements } from '../ports/driven/measurements.ts'
import type { Passwords } from '../ports/driven/passwords.ts'
import type { Stores, Transact } from '../ports/driven/transact.ts'
import type { SignedIn, SignIn, SignInRefusal } from '../ports/driving/sessions.ts'
import { signInAttempt } from './attempt-limits.ts'
import type { BeginSession } from './begin-session.ts'
import type { IssueTokens } from './issue-tokens.ts'
import { identifierKey, readIdentifier } from './read-identifier.ts'
import { takeAttempt } from './take-attempt.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly limiter: Limiter
  readonly passwords: Passwords
  readonly beginSession: BeginSession
  readonly issueTokens: IssueTokens
  readonly macs: Macs
  readonly log: Log
  readonly measurements: Measurements
  readonly clock: Clock
}

/**
 * See `SignIn`. Known or not, every attempt reads once, hashes once and writes in one transaction, so that
 * neither the answer nor its time tells who has an account [EN1, EN2].
 */
export const makeSignIn = (needs: Needs): SignIn => {
  const { stores, limiter, passwords, measurements, clock } = needs
  const admit = makeAdmit(needs)
  const recordFailure = makeRecordFailure(needs)
  const renewHash = makeRenewHash(needs)

  return async (text, passwordText, client) => {
    const identifier = readIdentifier(text)
    const record =
      identifier && (await stores.credentials.forSignIn(identifier, client.addressPrefix, clock()))
    const key = identifierKey(identifier, text)
    const attempt = signInAttempt(key, client.addressPrefix, record?.knownPrefix ?? false)
    const taken = await takeAttempt(limiter, attempt)
    if (!taken.ok) {
      measurements.signIn('limited')
      return taken
    }
    const password = parsePassword(passwordText) ?? ('' as Password)
    const { matches, outdated } = await passwords.matches(password, eligibleHash(record))
    const outcome = matches && record !== null ? await admit(record, client) : refused()
    measurements.signIn(outcome.ok ? 'ok' : 'refused')
    if (!outcome.ok) {
      await recordFailure(record, key, client)
      return outcome
    }
    await limiter.giveBack(attempt)
    if (outdated && record !== null) await renewHash(record, password)
    return outcome
  }
}

const refused = (): Result<never, SignInRefusal> => fail({ kind: 'bad-credentials' })

/** The hash that may open the account from here; null hashes just as long and matches nothing. */
const eligibleHash = (record: SignInRecord | null): string | null =>
  record?.user.isActive === true &&
  (record.consecutiveFailures < CONSECUTIVE_FAILURES_CAP || record.knownPrefix)
    ? record.passwordHash
    : null

const makeAdmit =
  ({ transact, beginSession, issueTokens, clock }: Needs) =>
  async ({ user }: SignInRecord, client: Client): Promise<Result<SignedIn, SignInRefusal>> => {
    const now = clock()
    const session = beginSession(user.id, client)
    const admitted = await transact(async ({ credentials, sessions, audit }) => {
      // Asked again under the row lock: guesses that ran side by side must not get past the cap together [BF6].
      if (!(await credentials.signInSucceeded(user.id, client.addressPrefix, now))) return refused()
      await sessions.start(session)
      await audit.append({
        action: 'sign-in.succeeded',
        result: 'ok',
        actorId: user.id,
        subjectId: user.id,
        sessionId: session.id,
        addressPrefix: client.addressPrefix,
        at: now,
      })
      return ok(null)
    })
    return admitted.ok ? ok({ user, tokens: await issueTokens(session, user) }) : admitted
  }

const makeRecordFailure =
  ({ transact, macs, clock }: Needs) =>
  async (record: SignInRecord | null, key: string, client: Client): Promise<void> => {
    const now = clock()
    await transact(async ({ credentials, audit }) => {
      if (record !== null) await credentials.signInFailed(record.user.id, client.addressPrefix, now)
      await audit.append({
        action: 'sign-in.failed',
        result: 'refused',
        actorId: null,
        subjectId: record?.user.id ?? null,
        addressPrefix: client.addressPrefix,
        identifierMac: macs.of('identifier', key),
        at: now,
      })
      return ok(null)
    })
  }

/** Parameters have grown since this hash was made. A failed renewal must not spoil the sign-in [PW5]. */
const makeRenewHash =
  ({ stores, passwords, log }: Needs) =>
  async ({ user, passwordHash }: SignInRecord, password: Password): Promise<void> => {
    if (passwordHash === null) return
    try {
      await stores.credentials.rehash(user.id, passwordHash, await passwords.hash(password))
    } catch (fault) {
      log('warn', 'password.rehash-failed', { userId: user.id }, fault)
    }
  }
