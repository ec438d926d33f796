import type { Password } from '../../domain/passwords/password.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { AccountMeasurements } from '../../ports/driven/accounts/account-measurements.ts'
import type { IdempotentRequest } from '../../ports/driven/accounts/idempotency-keys.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Macs } from '../../ports/driven/shared/macs.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type {
  RegisterRefusal,
  RegisterUser,
  Registration,
} from '../../ports/driving/accounts/accounts.ts'
import type { SignedIn } from '../../ports/driving/sessions/sessions.ts'
import { takeAttempt } from '../limits/take-attempt.ts'
import type { ChoosePassword } from '../passwords/choose-password.ts'
import { assertRoom } from '../passwords/hash-capacity.ts'
import type { BeginSession } from '../sessions/begin-session.ts'
import type { IssueTokens } from '../sessions/issue-tokens.ts'
import type { Admit } from '../sessions/open-session.ts'
import { ownBeginning } from '../sessions/session-started-entry.ts'
import type { ChooseUsername } from './choose-username.ts'
import { makeClaimOnce } from './idempotency.ts'
import { makeTakeTurns } from './keyed-mutex.ts'
import { nameRefusal } from './name-refusal.ts'
import type { Applicant } from './read-applicant.ts'
import { makeReadApplicant } from './read-applicant.ts'

type Needs = {
  readonly stores: Stores
  readonly limiter: Limiter
  readonly passwords: Passwords
  readonly choosePassword: ChoosePassword
  readonly chooseUsername: ChooseUsername
  readonly admit: Admit
  readonly beginSession: BeginSession
  readonly issueTokens: IssueTokens
  readonly identifiers: Identifiers
  readonly macs: Macs
  readonly measurements: AccountMeasurements
  readonly clock: Clock
}

type Outcome = Promise<Result<SignedIn, RegisterRefusal>>

/** See `RegisterUser`. What is malformed costs no attempt; everything else does, taken names included [EN4]. */
export const makeRegisterUser = (needs: Needs): RegisterUser => {
  const { limiter, measurements, macs, passwords, stores, clock } = needs
  const readApplicant = makeReadApplicant(needs)
  const claimOnce = makeClaimOnce(stores.idempotencyKeys, clock)
  const enrol = makeEnrol(needs)
  const resume = makeResume(needs)
  const takeTurns = makeTakeTurns()

  // One after another for one address: many at once would fill the queue to the hasher, and all but one find it taken.
  const hashInTurn = ({ state, forms, password }: Applicant): Promise<string> =>
    takeTurns(state.email ?? forms.canonical, () => passwords.hash(password))

  const admit = async (
    registration: Registration,
    applicant: Applicant,
    client: Client,
  ): Outcome => {
    assertRoom(passwords)
    const budget = [{ budget: 'register', key: client.addressPrefix }] as const
    const attempt = await takeAttempt(limiter, budget)
    if (!attempt.ok) return attempt
    const enrolNew = async (request: IdempotentRequest | null): Outcome =>
      enrol(applicant, await hashInTurn(applicant), client, request)
    const request = idempotentRequest(macs, registration)
    if (request === null) return enrolNew(null)
    return claimOnce(request, enrolNew, async ({ bodyMac, userId }) => {
      if (bodyMac !== request.bodyMac) return fail({ kind: 'idempotency-key-reused' })
      const resumed = await resume(userId, applicant.password, client)
      if (resumed.ok) await limiter.giveBack(budget)
      return resumed
    })
  }

  return async (registration, client) => {
    const applicant = readApplicant(registration)
    const outcome = applicant.ok ? await admit(registration, applicant.value, client) : applicant
    measurements.registration(resultOf(outcome))
    return outcome
  }
}

const resultOf = (outcome: Awaited<Outcome>): 'ok' | 'limited' | 'refused' => {
  if (outcome.ok) return 'ok'
  return outcome.refusal.kind === 'too-many-attempts' ? 'limited' : 'refused'
}

const idempotentRequest = (
  macs: Macs,
  { idempotencyKey, email, username, displayName }: Registration,
): IdempotentRequest | null =>
  idempotencyKey === null
    ? null
    : {
        keyMac: macs.of('idempotency-key', idempotencyKey),
        bodyMac: macs.of('idempotency-body', JSON.stringify([email, username, displayName])),
      }

/** Writes the account, its password, its first session and its event in one step. */
const makeEnrol =
  ({ stores, identifiers, beginSession, issueTokens }: Needs) =>
  async (
    { state, forms }: Applicant,
    passwordHash: string,
    client: Client,
    request: IdempotentRequest | null,
  ): Outcome => {
    const session = beginSession(identifiers.userId(), client)
    const { addressPrefix } = client
    const entry = ownBeginning('user.registered', session, addressPrefix)
    const announcement = identifiers.announcement()
    const enrolled = await stores.enrolments.enrol({
      ...{ state, forms, passwordHash, session, addressPrefix, announcement, entry, request },
    })
    if (!enrolled.ok) return fail(nameRefusal(enrolled.refusal))
    return ok({ user: enrolled.value, tokens: await issueTokens(session, enrolled.value) })
  }

/** The same request again after its reply was lost: the same user, and a new session. */
const makeResume =
  ({ stores, passwords, admit }: Needs) =>
  async (userId: UserId, password: Password, client: Client): Outcome => {
    const passwordHash = await stores.credentials.passwordHash(userId)
    const { matches } = await passwords.matches(password, passwordHash)
    if (!matches || passwordHash === null) return fail({ kind: 'idempotency-key-reused' })
    const signedIn = await admit(userId, passwordHash, client)
    if (signedIn !== null) return ok(signedIn)
    return (await stores.credentials.passwordHash(userId)) === passwordHash
      ? fail({ kind: 'idempotency-key-reused' })
      : fail({ kind: 'request-in-progress', retryAfterSeconds: 1 })
  }
