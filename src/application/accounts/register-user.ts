import type { Email } from '../../domain/accounts/email.ts'
import { identifierKey, parseIdentifier } from '../../domain/accounts/identifier.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { AccountMeasurements } from '../../ports/driven/accounts/account-measurements.ts'
import type {
  IdempotencyClaim,
  IdempotencyKeys,
  IdempotentRequest,
} from '../../ports/driven/accounts/idempotency-keys.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Macs } from '../../ports/driven/shared/digest.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type {
  RegisterRefusal,
  RegisterUser,
  Registration,
} from '../../ports/driving/accounts/accounts.ts'
import type { SignedIn } from '../../ports/driving/sessions/sessions.ts'
import { sessionStartedEntry } from '../audit/audit-entries.ts'
import { registrationBudgets, takeAttempt } from '../limits/take-attempt.ts'
import type { ChoosePassword } from '../passwords/choose-password.ts'
import type { IssueTokens } from '../sessions/issue-tokens.ts'
import type { CreateSession } from '../sessions/open-session.ts'
import type { AttemptSignIn } from '../sessions/sign-in.ts'
import { makeKeyedMutex } from '../shared/keyed-mutex.ts'
import type { ChooseUsername } from './choose-username.ts'
import { nameConflictRefusal } from './choose-username.ts'
import type { ParsedRegistration } from './parse-registration.ts'
import { makeParseRegistration } from './parse-registration.ts'

type Needs = {
  readonly stores: Stores
  readonly limiter: Limiter
  readonly passwords: Passwords
  readonly choosePassword: ChoosePassword
  readonly chooseUsername: ChooseUsername
  readonly attemptSignIn: AttemptSignIn
  readonly createSession: CreateSession
  readonly issueTokens: IssueTokens
  readonly identifiers: Identifiers
  readonly macs: Macs
  readonly measurements: AccountMeasurements
  readonly clock: Clock
}

type Outcome = Result<SignedIn, RegisterRefusal>

/** See `RegisterUser`. A malformed request costs no attempt. Every other request does, taken names included [EN4]. */
export const makeRegisterUser = (needs: Needs): RegisterUser => {
  const { stores, limiter, passwords, attemptSignIn, macs, measurements, clock } = needs
  const parseRegistration = makeParseRegistration(needs)
  const store = makeStore(needs)
  const withLock = makeKeyedMutex()

  const register = async (registration: Registration, client: Client): Promise<Outcome> => {
    const parsed = parseRegistration(registration)
    if (!parsed.ok) return parsed
    assertHashCapacity(passwords, client)
    const budget = registrationBudgets(client.addressPrefix)
    const attempt = await takeAttempt(limiter, budget)
    if (!attempt.ok) return attempt

    const { state, forms, password } = parsed.value
    const registerNew = async (request: IdempotentRequest | null): Promise<Outcome> => {
      // One hash at a time for each email address. Many at once would fill the hash queue, and all but one of them
      // would find the address taken.
      const hash = await withLock(state.email ?? forms.canonical, () =>
        passwords.hash(password, client.addressPrefix),
      )
      return store(parsed.value, hash, client, request)
    }

    const request = idempotentRequest(macs, registration, state.email)
    if (request === null) return registerNew(null)
    return runIdempotently(stores.idempotencyKeys, request, clock(), {
      first: () => registerNew(request),
      again: async ({ bodyMac, userId }) => {
        if (bodyMac !== request.bodyMac) return fail({ kind: 'idempotency-key-reused' })
        const signedIn = await signInAgain(attemptSignIn, registration, state, userId, client)
        if (signedIn.ok) await limiter.giveBack(budget)
        return signedIn
      },
    })
  }

  return async (registration, client) => {
    const outcome = await register(registration, client)
    measurements.registration(resultOf(outcome))
    return outcome
  }
}

const resultOf = (outcome: Outcome): 'ok' | 'limited' | 'refused' => {
  if (outcome.ok) return 'ok'
  return outcome.refusal.kind === 'too-many-attempts' ? 'limited' : 'refused'
}

/**
 * Refuses before anything is counted when the hash queue is full [PW10]. This reserves no place: registrations of one
 * email address hash one after another, and would keep places from others while they wait.
 * @throws Unavailable
 */
const assertHashCapacity = ({ isFull }: Passwords, { addressPrefix }: Client): void => {
  if (isFull(addressPrefix)) throw new Unavailable('the hash queue is full', 1)
}

/**
 * The key belongs to the identity that the body names, from whatever network it comes. So nobody else's request meets it:
 * the same key with another address is another request [RG14].
 */
const idempotentRequest = (
  macs: Macs,
  { idempotencyKey, email, username, displayName }: Registration,
  identity: Email | null,
): IdempotentRequest | null =>
  idempotencyKey === null
    ? null
    : {
        keyMac: macs.of('idempotency-key', JSON.stringify([identity, idempotencyKey])),
        bodyMac: macs.of('idempotency-body', JSON.stringify([email, username, displayName])),
      }

type Completed = Extract<IdempotencyClaim, { kind: 'completed' }>

/**
 * Runs `first` for the first request with this key, and `again` when an earlier one was completed. Refuses while an
 * earlier one is still running. Releases the key when `first` did not succeed, so that a corrected request may use it.
 */
const runIdempotently = async (
  keys: IdempotencyKeys,
  request: IdempotentRequest,
  now: Date,
  run: {
    readonly first: () => Promise<Outcome>
    readonly again: (completed: Completed) => Promise<Outcome>
  },
): Promise<Outcome> => {
  const claim = await keys.claim(request, now)
  if (claim.kind === 'running') return fail({ kind: 'request-in-progress', retryAfterSeconds: 1 })
  if (claim.kind === 'completed') return run.again(claim)
  let succeeded = false
  try {
    const outcome = await run.first()
    succeeded = outcome.ok
    return outcome
  } finally {
    if (!succeeded) await keys.release(request)
  }
}

/** Stores the account, its password, its first session and its event in one step. */
const makeStore =
  ({ stores, identifiers, createSession, issueTokens }: Needs) =>
  async (
    { state, forms }: ParsedRegistration,
    passwordHash: string,
    client: Client,
    request: IdempotentRequest | null,
  ): Promise<Outcome> => {
    const session = createSession(identifiers.userId(), client)
    const registered = await stores.registrations.register({
      state,
      forms,
      passwordHash,
      session,
      addressPrefix: client.addressPrefix,
      announcement: identifiers.announcement(),
      entry: sessionStartedEntry('user.registered', session, client.addressPrefix),
      request,
    })
    if (!registered.ok) return fail(nameConflictRefusal(registered.refusal))
    const user = registered.value
    return ok({ user, tokens: await issueTokens(session, user) })
  }

/**
 * Answers a repeated request whose first answer was lost: the same user, and a new session. It is a sign-in like any other,
 * with its budgets and its audit entries, or it would be a way to test passwords beside them [RG14].
 */
const signInAgain = async (
  attemptSignIn: AttemptSignIn,
  { email, password }: Registration,
  state: PublishedState,
  userId: UserId,
  client: Client,
): Promise<Outcome> => {
  const identifier = parseIdentifier(state.email ?? state.username)
  const key = identifierKey(identifier, email)
  const signedIn = await attemptSignIn({ identifier, key, password, onlyUser: userId }, client)
  if (signedIn.ok) return signedIn
  const { refusal } = signedIn
  return fail(refusal.kind === 'too-many-attempts' ? refusal : { kind: 'idempotency-key-reused' })
}
