import { and, eq } from 'drizzle-orm'
import { makeDeadLetterCodec } from '../../../src/adapters/codec/dead-letter-codec.ts'
import {
  makeUserEventCodec,
  readPublishedUser,
} from '../../../src/adapters/codec/user-event-codec.ts'
import { makeAccessTokens } from '../../../src/adapters/crypto/access-tokens.ts'
import { digest, makeMacs } from '../../../src/adapters/crypto/macs.ts'
import { makeRefreshTokens } from '../../../src/adapters/crypto/refresh-tokens.ts'
import { generateSigningKey } from '../../../src/adapters/crypto/signing-keys.ts'
import { makeLimiter } from '../../../src/adapters/limits/limiter.ts'
import { makeInProcessCodeStore } from '../../../src/adapters/memory/in-process-code-store.ts'
import { makeInProcessDeadLetters } from '../../../src/adapters/memory/in-process-dead-letters.ts'
import { makeInProcessOneTimeStore } from '../../../src/adapters/memory/in-process-one-time-store.ts'
import { makeInProcessPublisher } from '../../../src/adapters/memory/in-process-publisher.ts'
import { makeMonotonicBudgets } from '../../../src/adapters/memory/monotonic-limiter.ts'
import { makeSessionStateCache } from '../../../src/adapters/memory/session-state-cache.ts'
import { makeIdentifiers } from '../../../src/adapters/platform/identifiers.ts'
import type { Database } from '../../../src/adapters/postgres/driver/database.ts'
import { auditLog } from '../../../src/adapters/postgres/driver/tables.ts'
import { makeConfusables } from '../../../src/adapters/unicode/confusables.ts'
import type { Budgets } from '../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../src/domain/limits/limits.ts'
import type { UserId } from '../../../src/domain/shared/ids.ts'
import type { OAuthSide } from '../../../src/main/oauth-use-cases.ts'
import { makeUseCases } from '../../../src/main/use-cases.ts'
import { listedMeasurements } from '../fakes/listed-measurements.ts'
import { quickPasswords } from '../fakes/quick-passwords.ts'
import { virtualTime } from '../fakes/virtual-time.ts'
import { LIFETIMES, START } from './given-sessions.ts'
import { FIRST, givenStores, SECOND } from './given-stores.ts'
import { SYNC_REPORT } from './given-sync.ts'

const SECRET = { id: 'k1', secret: new Uint8Array(32).fill(7) }
const SIGNING_KEYS = [generateSigningKey('active')]
const COMMON = new Set(['password1234', 'correcthorsebatterystaple'])

const NO_LATENCIES = { p50Ms: null, p95Ms: null, p99Ms: null }

/** No use case's budget stands in the way. */
export const UNLIMITED: Budgets = {
  'sign-in-account-prefix': { points: 100_000, seconds: 900 },
  'sign-in-account': { points: 100_000, seconds: 900 },
  'sign-in-prefix': { points: 100_000, seconds: 900 },
  register: { points: 100_000, seconds: 3600 },
  'oauth-start': { points: 100_000, seconds: 60 },
  'code-exchange': { points: 100_000, seconds: 60 },
  refresh: { points: 100_000, seconds: 60 },
}

export type GivenUseCases = Awaited<ReturnType<typeof givenUseCases>>

/**
 * Every use case on real stores, limits and tokens; only time, password hashing and the list of common passwords
 * are the test's.
 */
export const givenUseCases = async (
  database: Database,
  budgets: Budgets = DEFAULT_BUDGETS,
  oauth: Partial<OAuthSide> = {},
) => {
  const time = virtualTime(START)
  const now = () => time.clock().getTime()
  const ports = givenStores(database)
  const passwords = quickPasswords()
  const measurements = listedMeasurements()
  const logged: string[] = []
  const refreshTokens = makeRefreshTokens([SECRET])
  const macs = makeMacs([SECRET])
  const states = makeSessionStateCache({ read: ports.readSessionState, now })
  const deadLetters = makeInProcessDeadLetters()
  const probe = { embedded: true, isAvailable: async () => true }

  const useCases = makeUseCases({
    ...ports,
    states,
    passwords,
    measurements,
    refreshTokens,
    macs,
    limiter: makeLimiter({ budgets, macKey: SECRET.secret, open: makeMonotonicBudgets(now) }),
    blocklist: { has: (password) => COMMON.has(password) },
    confusables: makeConfusables(),
    accessTokens: await makeAccessTokens({
      keys: SIGNING_KEYS,
      issuer: 'https://auth.example.com',
      audience: 'auth-service',
      lifetimeSeconds: 600,
      clock: time.clock,
    }),
    identifiers: makeIdentifiers(() => null),
    probes: {
      db: { ...probe, name: 'db' },
      redis: { ...probe, name: 'redis' },
      nats: { ...probe, name: 'nats' },
    },
    providers: new Map(),
    redirectUris: ['https://app.example.com/in'],
    transactions: makeInProcessOneTimeStore(600, now),
    tickets: makeInProcessOneTimeStore(60, now),
    codes: makeInProcessCodeStore(now),
    digest,
    publicUrl: 'https://auth.example.com',
    ...oauth,
    channels: [FIRST, SECOND],
    deadLetters,
    deadLetterCodec: makeDeadLetterCodec(),
    eventConsumers: { exists: async () => false },
    storedEvents: { messages: async function* () {} },
    readPublishedUser,
    direct: makeInProcessPublisher({ onMessage: () => {}, onDropped: () => {} }),
    codec: makeUserEventCodec({ source: 'https://auth.example.com', typePrefix: 'com.example' }),
    ...{ pause: time.pause, monotonic: now },
    ...{ wakeRelay: () => {}, reportOn: () => async () => SYNC_REPORT },
    senders: new Map([[FIRST, { isReady: () => true }]]),
    readStatistics: async () => () => ({ ...NO_LATENCIES, publishedLast5m: 0, failedLast5m: 0 }),
    consumerReports: { latest: async () => [] },
    ...{ streamReports: () => [], versionGuard: null },
    ...{ announceMode: () => {}, rolloutGuardStatus: () => ({ state: 'off', breaches: 0 }) },
    log: (level, event) => logged.push(`${level} ${event}`),
    clock: time.clock,
    lifetimes: LIFETIMES,
    minimumLength: 12,
    serviceNames: ['auth-service'],
  })

  return {
    ...useCases,
    stores: ports.stores,
    readSessionState: ports.readSessionState,
    /** How many commits with an event there were. */
    commits: ports.commits,
    transact: ports.transact,
    states,
    passwords,
    measurements,
    refreshTokens,
    macs,
    clock: time.clock,
    logged,
    pass: (seconds: number) => time.advance(seconds * 1000),
    auditOf: ports.auditOf,
    /** What it holds about attempts at an identifier that may be nobody's. */
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
