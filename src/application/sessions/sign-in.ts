import type { CanonicalUsername } from '../../domain/accounts/username.ts'
import { CONSECUTIVE_FAILURES_CAP } from '../../domain/limits/limits.ts'
import type { Password } from '../../domain/passwords/password.ts'
import { parsePassword } from '../../domain/passwords/password.ts'
import type { Client } from '../../domain/sessions/session.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Identifier } from '../../ports/driven/accounts/users.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { SignInRecord } from '../../ports/driven/passwords/credentials.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { SessionMeasurements } from '../../ports/driven/sessions/session-measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Macs } from '../../ports/driven/shared/macs.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { SignedIn, SignIn } from '../../ports/driving/sessions/sessions.ts'
import { signInAttempt } from '../limits/attempt-limits.ts'
import { takeAttempt } from '../limits/take-attempt.ts'
import type { Admit } from './open-session.ts'
import { identifierKey, readIdentifier } from './read-identifier.ts'

type Needs = {
  readonly stores: Stores
  readonly transact: Transact
  readonly limiter: Limiter
  readonly passwords: Passwords
  readonly admit: Admit
  readonly macs: Macs
  readonly log: Log
  readonly measurements: SessionMeasurements
  readonly clock: Clock
}

/** Asked for in place of what no account can be called, so that such texts take no less time than others. */
const NOBODY: Identifier = { kind: 'username', canonical: '' as CanonicalUsername }

/**
 * See `SignIn`. Known or not, every attempt reads once, hashes once and writes in one transaction, so that
 * neither the answer nor its time tells who has an account [EN1, EN2].
 */
export const makeSignIn = (needs: Needs): SignIn => {
  const { stores, limiter, passwords, measurements, clock } = needs
  const enter = makeEnter(needs)
  const recordFailure = makeRecordFailure(needs)
  const renewHash = makeRenewHash(needs)

  const decide: SignIn = async (text, passwordText, client) => {
    const identifier = readIdentifier(text)
    const read = () =>
      stores.credentials.forSignIn(identifier ?? NOBODY, client.addressPrefix, clock())
    const record = await read()
    const key = identifierKey(identifier, text)
    const attempt = signInAttempt(key, client.addressPrefix, record?.knownPrefix ?? false)
    const taken = await takeAttempt(limiter, attempt)
    if (!taken.ok) {
      measurements.signIn('limited')
      return taken
    }
    const password = parsePassword(passwordText) ?? ('' as Password)
    const entry = await enter(record, read, password, client)
    measurements.signIn(entry === null ? 'refused' : 'ok')
    if (entry === null) {
      await recordFailure(record, key, client)
      return fail({ kind: 'bad-credentials' })
    }
    await limiter.giveBack(attempt)
    if (entry.outdated) await renewHash(entry.record, password)
    return ok(entry.signedIn)
  }

  // Whoever cannot be served is told before anything is read or counted: beyond what can be hashed the refusals would
  // fill the queue to the database, and starve everybody else [PW10].
  return (...attempt) => passwords.reserve(() => decide(...attempt))
}

type Entry = {
  readonly signedIn: SignedIn
  readonly record: SignInRecord
  readonly outdated: boolean
}

/** A hash may be renewed beside the sign-in, a password changed or the cap reached; not many times in a row. */
const VERIFICATIONS = 3

/** Verifies the password and opens the session; null for whatever is refused. */
const makeEnter =
  ({ passwords, admit }: Needs) =>
  async (
    first: SignInRecord | null,
    readAgain: () => Promise<SignInRecord | null>,
    password: Password,
    client: Client,
  ): Promise<Entry | null> => {
    let record = first
    for (let verification = 1; verification <= VERIFICATIONS; verification += 1) {
      const { matches, outdated } = await passwords.matches(password, eligibleHash(record))
      if (!matches || record === null || record.passwordHash === null) return null
      const signedIn = await admit(record.user.id, record.passwordHash, client)
      if (signedIn !== null) return { signedIn, record, outdated }
      record = await readAgain()
    }
    return null
  }

/** The hash that may open the account from here; null hashes just as long and matches nothing. */
const eligibleHash = (record: SignInRecord | null): string | null =>
  record?.user.isActive === true &&
  (record.consecutiveFailures < CONSECUTIVE_FAILURES_CAP || record.knownPrefix)
    ? record.passwordHash
    : null

const makeRecordFailure =
  ({ transact, macs, clock }: Needs) =>
  async (record: SignInRecord | null, key: string, client: Client): Promise<void> => {
    const now = clock()
    await transact(async ({ credentials, audit }) => {
      await credentials.signInFailed(record?.user.id ?? null, client.addressPrefix, now)
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
