import { and, eq } from 'drizzle-orm'
import { makeAccessTokens } from '../../../../src/adapters/crypto/access-tokens.ts'
import { makeMacs } from '../../../../src/adapters/crypto/macs.ts'
import { makeRefreshTokens } from '../../../../src/adapters/crypto/refresh-tokens.ts'
import { generateSigningKey } from '../../../../src/adapters/crypto/signing-keys.ts'
import { makeLimiter } from '../../../../src/adapters/limits/limiter.ts'
import { makeInProcessCodeStore } from '../../../../src/adapters/memory/in-process-code-store.ts'
import { makeInProcessOneTimeStore } from '../../../../src/adapters/memory/in-process-one-time-store.ts'
import { makeMonotonicBudgets } from '../../../../src/adapters/memory/monotonic-limiter.ts'
import { makeSessionStateCache } from '../../../../src/adapters/memory/session-state-cache.ts'
import { makeIdentifiers } from '../../../../src/adapters/platform/identifiers.ts'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { auditLog } from '../../../../src/adapters/postgres/driver/tables.ts'
import type { Budgets } from '../../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../../src/domain/limits/limits.ts'
import type { SignInGrant } from '../../../../src/domain/oauth/sign-in-grant.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import { composeAccounts } from '../../../../src/main/compose/accounts.ts'
import { composeAdministration } from '../../../../src/main/compose/administration.ts'
import { composeOAuth } from '../../../../src/main/compose/oauth.ts'
import { composePasswords } from '../../../../src/main/compose/passwords.ts'
import { composeSessions } from '../../../../src/main/compose/sessions.ts'
import type { Limiter } from '../../../../src/ports/driven/limits/limiter.ts'
import type { CodeStore } from '../../../../src/ports/driven/oauth/code-store.ts'
import type { IdentityProviders } from '../../../../src/ports/driven/oauth/identity-provider.ts'
import type { Stores } from '../../../../src/ports/driven/transact.ts'
import { listedMeasurements } from '../../fakes/operations/listed-measurements.ts'
import { quickPasswords } from '../../fakes/passwords/quick-passwords.ts'
import { virtualTime } from '../../fakes/shared/virtual-time.ts'
import { givenStores } from '../database/given-stores.ts'
import { LIFETIMES, START } from '../sessions/given-sessions.ts'

const SECRET = { id: 'k1', secret: new Uint8Array(32).fill(7) }
const SIGNING_KEYS = [generateSigningKey('active')]
const COMMON = new Set(['password1234', 'correcthorsebatterystaple'])

/** Budgets that no test uses up. */
export const UNLIMITED: Budgets = {
  'sign-in-account-prefix': { points: 100_000, seconds: 900 },
  'sign-in-account': { points: 100_000, seconds: 900 },
  'sign-in-prefix': { points: 100_000, seconds: 900 },
  'sign-in-success': { points: 100_000, seconds: 60 },
  register: { points: 100_000, seconds: 3600 },
  confirm: { points: 100_000, seconds: 900 },
  profile: { points: 100_000, seconds: 60 },
  username: { points: 100_000, seconds: 3600 },
  'oauth-start': { points: 100_000, seconds: 60 },
  'code-exchange': { points: 100_000, seconds: 60 },
  refresh: { points: 100_000, seconds: 60 },
}

/** Providers to sign in through, where their codes are kept, what reads the stores outside of transactions, and what a twin makes of the limiter. */
type Replaced = {
  readonly providers?: IdentityProviders
  readonly codes?: CodeStore<SignInGrant>
  readonly reading?: (stores: Stores) => Stores
  readonly limiter?: (limiter: Limiter) => Limiter
}

export type GivenUseCases = Awaited<ReturnType<typeof givenUseCases>>

/**
 * The use cases of people and their accounts with real stores, limits and tokens. Only time, password hashing and the list
 * of common passwords are fakes.
 */
export const givenUseCases = async (
  database: Database,
  budgets: Budgets = DEFAULT_BUDGETS,
  replaced: Replaced = {},
) => {
  const time = virtualTime(START)
  const now = () => time.clock().getTime()
  const ports = givenStores(database)
  const hashing = quickPasswords()
  const measurements = listedMeasurements()
  const logged: string[] = []
  const refreshTokens = makeRefreshTokens([SECRET])
  const macs = makeMacs([SECRET])
  const states = makeSessionStateCache({ read: ports.readSessionState, now })
  const resources = {
    config: { sessionLifetimes: LIFETIMES },
    stores: replaced.reading?.(ports.stores) ?? ports.stores,
    transact: ports.transact,
    readSessionState: ports.readSessionState,
    states,
    identifiers: makeIdentifiers(() => null),
    measurements,
    clock: time.clock,
    log: (level: string, event: string) => logged.push(`${level} ${event}`),
  }
  const tokens = {
    accessTokens: await makeAccessTokens({
      keys: SIGNING_KEYS,
      issuer: 'https://auth.example.com',
      audience: 'auth-service',
      lifetimeSeconds: 600,
      clock: time.clock,
    }),
    refreshTokens,
    macs,
  }
  const { limiter: twin = (limiter) => limiter } = replaced
  const limits = {
    limiter: twin(makeLimiter({ budgets, macKey: SECRET.secret, open: makeMonotonicBudgets(now) })),
  }
  const passwords = composePasswords({
    resources,
    limits,
    hashing: {
      passwords: hashing,
      blocklist: { has: (password) => COMMON.has(password) },
      minimumLength: 12,
      serviceNames: ['auth-service'],
    },
  })
  const sessions = composeSessions({ resources, tokens, limits, passwords })
  const accounts = composeAccounts({ resources, tokens, limits, passwords, sessions })
  const administration = composeAdministration({ resources, passwords, accounts })
  const oauth = composeOAuth({
    resources,
    limits,
    accounts,
    sessions,
    providers: {
      transactions: makeInProcessOneTimeStore(600, now),
      tickets: makeInProcessOneTimeStore(60, now),
      codes: replaced.codes ?? makeInProcessCodeStore(now),
      providers: replaced.providers ?? new Map(),
      redirectUris: ['https://app.example.com/in'],
      publicUrl: 'https://auth.example.com',
    },
  })

  return {
    ...passwords,
    ...sessions,
    ...accounts,
    ...administration,
    ...oauth,
    stores: ports.stores,
    readSessionState: ports.readSessionState,
    /** The number of commits that wrote an event. */
    commits: () => ports.committed.length,
    transact: ports.transact,
    states,
    passwords: hashing,
    measurements,
    refreshTokens,
    macs,
    clock: time.clock,
    logged,
    pass: (seconds: number) => time.advance(seconds * 1000),
    auditOf: ports.auditOf,
    /** The audit entries of failed sign-ins with an identifier, whether an account has it or not. */
    auditOn: (identifier: string) =>
      database.db
        .select()
        .from(auditLog)
        .where(
          and(
            eq(auditLog.action, 'sign-in.failed'),
            eq(auditLog.identifierMac, macs.of('identifier', identifier)),
          ),
        ),
    /** Every committed change of a user. */
    eventsOf: async (user: UserId) => {
      const page = await ports.ledger.read({ after: null, userId: user, limit: 1000 })
      return (page?.entries ?? []).map(({ event }) => event)
    },
  }
}
