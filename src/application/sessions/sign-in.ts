import type { Identifier } from '../../domain/accounts/identifier.ts'
import { identifierKey, parseIdentifier } from '../../domain/accounts/identifier.ts'
import type { CanonicalUsername } from '../../domain/accounts/username.ts'
import { CONSECUTIVE_FAILURES_CAP } from '../../domain/limits/limits.ts'
import type { Password } from '../../domain/passwords/password.ts'
import { parsePassword } from '../../domain/passwords/password.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { SignInRecord } from '../../ports/driven/passwords/credentials.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { SessionMeasurements } from '../../ports/driven/sessions/session-measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Macs } from '../../ports/driven/shared/digest.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { SignedIn, SignIn, SignInRefusal } from '../../ports/driving/sessions/sessions.ts'
import { refusedEntry } from '../audit/audit-entries.ts'
import {
  accountSuccessBudgets,
  signInAccountBudgets,
  signInPairBudgets,
  signInPrefixBudgets,
  signInSuccessBudgets,
  takeAttempt,
  wholeAccountBudgets,
} from '../limits/take-attempt.ts'
import type { OpenSession } from './open-session.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly limiter: Limiter
  readonly passwords: Passwords
  readonly openSession: OpenSession
  readonly macs: Macs
  readonly log: Log
  readonly measurements: SessionMeasurements
  readonly clock: Clock
}

type Outcome = Awaited<ReturnType<SignIn>>

/** The query uses this when no account can have the submitted identifier, so that the answer takes as long as any other. */
const NO_IDENTIFIER: Identifier = { kind: 'username', canonical: '' as CanonicalUsername }

/** One attempt to sign in with a password, from whatever request it comes. */
export type AttemptSignIn = (
  attempt: {
    /** Null when no account can have what was submitted. */
    readonly identifier: Identifier | null
    /** The key for rate limits and the audit trail: see `identifierKey`. */
    readonly key: string
    readonly password: string
    /** The only user who may be signed in; null when the identifier alone decides. */
    readonly onlyUser: UserId | null
  },
  client: Client,
) => Promise<Outcome>

/** See `SignIn`. */
export const makeSignIn =
  (attemptSignIn: AttemptSignIn): SignIn =>
  (text, password, client) => {
    const identifier = parseIdentifier(text)
    const key = identifierKey(identifier, text)
    return attemptSignIn({ identifier, key, password, onlyUser: null }, client)
  }

/**
 * See `AttemptSignIn`. Whether the account exists or not, every attempt reads once, hashes once and writes in one
 * transaction. So neither the answer nor its time tells whether there is an account [EN1, EN2].
 */
export const makeAttemptSignIn = (needs: Needs): AttemptSignIn => {
  const { stores, limiter, passwords, measurements, clock } = needs
  const verify = makeVerify(needs)
  const recordFailure = makeRecordFailure(needs)
  const renewHash = makeRenewHash(needs)
  const limited = (refused: Outcome): Outcome => {
    measurements.signIn('limited')
    return refused
  }

  return async ({ identifier, key, password: passwordText, onlyUser }, client) => {
    const { addressPrefix } = client
    // Refuses before it reads or counts anything when the hash queue is full. Otherwise requests that are refused anyway
    // would fill the queue to the database, and nobody else would be served [PW10].
    if (passwords.isFull(addressPrefix)) throw new Unavailable('the hash queue is full', 1)
    const ofPrefix = signInPrefixBudgets(addressPrefix)
    const ofPair = signInPairBudgets(key, addressPrefix)
    const ofSuccess = signInSuccessBudgets(key, addressPrefix)
    // Before the reservation: a client whose budget is used up must not keep a place from others [PW13].
    const attempt = await takeAttempt(limiter, [...ofPrefix, ...ofPair, ...ofSuccess])
    if (!attempt.ok) return limited(attempt)
    /** What a right password gives back, once. */
    const ofGuesses = [...ofPrefix, ...ofPair]
    const giveBackGuesses = () => limiter.giveBack(ofGuesses.splice(0))
    let isDecided = false

    const decide = async (): Promise<Outcome> => {
      const read = async () => {
        const found = await stores.credentials.forSignIn(
          identifier ?? NO_IDENTIFIER,
          addressPrefix,
          clock(),
        )
        return onlyUser === null || found?.user.id === onlyUser ? found : null
      }
      const record = await read()
      const ofAccount = signInAccountBudgets(key, record?.knownPrefix ?? false)
      const ofWholeAccount = wholeAccountBudgets(
        record?.user.id ?? null,
        key,
        addressPrefix,
        record?.knownPrefix ?? false,
      )
      // The whole account first, so that its block does not end after the one whose end the client is told.
      const [together, allowed] = await Promise.all([
        takeAttempt(limiter, ofWholeAccount),
        takeAttempt(limiter, ofAccount),
      ])
      if (!allowed.ok) {
        if (together.ok) await limiter.giveBack(ofWholeAccount)
        // The point of the address is not given back. So one address cannot ask about a blocked account without end,
        // and hold a place of the hash queue each time.
        await limiter.giveBack([...ofPair, ...ofSuccess])
        isDecided = true
        return limited(allowed)
      }
      ofGuesses.push(...ofAccount, ...(together.ok ? ofWholeAccount : []))
      const password = parsePassword(passwordText) ?? ('' as Password)
      const attempted = { password, client, giveBackGuesses }
      const verified = await verify(together.ok ? record : null, read, attempted)
      isDecided = true
      if (verified.ok) {
        measurements.signIn('ok')
        if (verified.value.outdated) await renewHash(verified.value.record, password, client)
        return ok(verified.value.signedIn)
      }
      if (verified.refusal.kind === 'too-many-attempts') return limited(verified)
      measurements.signIn('refused')
      await limiter.giveBack(ofSuccess)
      // Beyond the budget of the whole account nothing of it was compared. So it has no failure, as a name that nobody has.
      await recordFailure(together.ok ? record : null, key, client)
      return verified
    }

    try {
      return await passwords.reserve(addressPrefix, decide)
    } catch (fault) {
      // A full queue or an unreachable database costs no attempt: no password was found wrong.
      if (!isDecided) await limiter.giveBack([...ofGuesses, ...ofSuccess])
      throw fault
    }
  }
}

type Verified = {
  readonly signedIn: SignedIn
  readonly record: SignInRecord
  readonly outdated: boolean
}

/**
 * The account may change during a verification: its hash is renewed, its password changed, or the cap of failures
 * reached. Then the new hash is verified. More than this many changes in a row are refused.
 */
const VERIFICATIONS = 3

type Attempted = {
  readonly password: Password
  readonly client: Client
  /** Called at the first match. The password is right then, whatever happens to the account in the next moments. */
  readonly giveBackGuesses: () => Promise<void>
}

/** Verifies the password, counts a right one, and opens the session. */
const makeVerify =
  ({ limiter, passwords, openSession }: Needs) =>
  async (
    first: SignInRecord | null,
    readAgain: () => Promise<SignInRecord | null>,
    { password, client, giveBackGuesses }: Attempted,
  ): Promise<Result<Verified, SignInRefusal>> => {
    let record = first
    let isCounted = false
    for (let verification = 1; verification <= VERIFICATIONS; verification += 1) {
      const { matches, outdated } = await passwords.matches(
        password,
        eligibleHash(record),
        client.addressPrefix,
      )
      if (!matches || record === null || record.passwordHash === null) break
      if (!isCounted) {
        const budgets = accountSuccessBudgets(record.user.id, client.addressPrefix)
        // At once, because the store changes all counts in one step.
        const [attempt] = await Promise.all([takeAttempt(limiter, budgets), giveBackGuesses()])
        if (!attempt.ok) return attempt
        isCounted = true
      }
      const signedIn = await openSession(record.user.id, record.passwordHash, client)
      if (signedIn !== null) return ok({ signedIn, record, outdated })
      record = await readAgain()
    }
    return fail({ kind: 'bad-credentials' })
  }

/** The hash that a sign-in from this address may use. Null is compared for just as long, and never matches. */
const eligibleHash = (record: SignInRecord | null): string | null =>
  record?.user.isActive === true &&
  (record.consecutiveFailures < CONSECUTIVE_FAILURES_CAP || record.knownPrefix)
    ? record.passwordHash
    : null

/** The hash cannot be compared with any password, so only a new password opens the account again. */
const UNUSABLE_HASH = 'the stored hash is not usable'

const makeRecordFailure =
  ({ transact, passwords, macs, log, clock }: Needs) =>
  async (record: SignInRecord | null, key: string, client: Client): Promise<void> => {
    const userId = record?.user.id ?? null
    const hash = record?.passwordHash ?? null
    const isUnusable = hash !== null && !passwords.isUsable(hash)
    if (isUnusable) log('error', 'password.hash-unusable', { userId })
    const now = clock()
    await transact(async ({ credentials, audit }) => {
      await credentials.signInFailed(userId, client.addressPrefix, now)
      await audit.append(
        refusedEntry('sign-in.failed', userId, {
          addressPrefix: client.addressPrefix,
          identifierMac: macs.of('identifier', key),
          details: isUnusable ? UNUSABLE_HASH : null,
          at: now,
        }),
      )
      return ok(null)
    })
  }

/** Replaces a hash that was made with older parameters. A fault here does not fail the sign-in [PW5]. */
const makeRenewHash =
  ({ stores, passwords, log }: Needs) =>
  async (
    { user, passwordHash }: SignInRecord,
    password: Password,
    { addressPrefix }: Client,
  ): Promise<void> => {
    if (passwordHash === null) return
    try {
      await stores.credentials.rehash(
        user.id,
        passwordHash,
        await passwords.hash(password, addressPrefix),
      )
    } catch (fault) {
      log('warn', 'password.rehash-failed', { userId: user.id }, fault)
    }
  }
