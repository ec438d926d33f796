import { collectDefaultMetrics, Registry } from 'prom-client'
import { SYNC_MODES } from '../../domain/migration/sync-mode.ts'
import type { AccountMeasurements } from '../../ports/driven/accounts/account-measurements.ts'
import type { DeliveryMeasurements } from '../../ports/driven/events/delivery-measurements.ts'
import type { LimitMeasurements } from '../../ports/driven/limits/limit-measurements.ts'
import type { MigrationMeasurements } from '../../ports/driven/migration/migration-measurements.ts'
import type { OAuthMeasurements } from '../../ports/driven/oauth/oauth-measurements.ts'
import type { SessionMeasurements } from '../../ports/driven/sessions/session-measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { EventGauges } from './event-metrics.ts'
import { makeDeliveryMeasurements, makeEventGauges } from './event-metrics.ts'
import { counter, gauge, histogram } from './instruments.ts'

/** What all rooms measure. Each use case asks for the part of its room only. */
export type Measurements = AccountMeasurements &
  SessionMeasurements &
  OAuthMeasurements &
  LimitMeasurements &
  DeliveryMeasurements &
  MigrationMeasurements

export type Metrics = EventGauges & {
  readonly measurements: Measurements
  /** `route` is the pattern of a route. A path would make a series of its own for each user. */
  observeRequest(route: string, method: string, status: number, seconds: number): void
  /** One password was compared with a hash. */
  hashVerified(): void
  /** All metrics in Prometheus' text format. */
  text(): Promise<string>
}

const PREFIX = 'auth_'
/** Metrics of the library that each runtime fills differently, with series that come and go. */
const NOT_SHOWN = [
  'active_resources',
  'active_resources_total',
  'active_handles',
  'active_handles_total',
  'active_requests',
  'active_requests_total',
  'heap_space_size_total_bytes',
  'heap_space_size_used_bytes',
  'heap_space_size_available_bytes',
]

/** The metrics of docs/metrics.md, in a registry of their own. The clock gives a backlog its age. */
export const makeMetrics = (clock: Clock): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  for (const name of NOT_SHOWN) registry.removeSingleMetric(`${PREFIX}nodejs_${name}`)
  const verifications = counter(
    registry,
    'auth_password_verifications_total',
    'Passwords compared with a hash',
    [],
  )
  return {
    ...makeEventGauges(registry, clock),
    measurements: {
      ...makeAttemptMeasurements(registry),
      ...makeLimitMeasurements(registry),
      ...makeDeliveryMeasurements(registry),
      ...makeMigrationMeasurements(registry),
    },
    observeRequest: makeObserveRequest(registry),
    hashVerified: () => verifications.inc(),
    text: () => registry.metrics(),
  }
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Clients may invent methods, and each would be a series of its own. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

const makeObserveRequest = (registry: Registry): Metrics['observeRequest'] => {
  const requests = histogram(registry, 'auth_http_request_seconds', 'Time to answer a request', {
    labels: ['route', 'method', 'status'],
    buckets: REQUEST_SECONDS,
  })
  return (route, method, status, seconds) =>
    requests.observe({ route, method: METHODS.has(method) ? method : 'other', status }, seconds)
}

/** Attempts of people to register, to sign in, to refresh and to come in through a provider. */
const makeAttemptMeasurements = (
  registry: Registry,
): AccountMeasurements & SessionMeasurements & OAuthMeasurements => {
  const registrations = counter(registry, 'auth_registrations_total', 'Attempts to register', [
    'result',
  ])
  const signIns = counter(registry, 'auth_sign_ins_total', 'Attempts to sign in', ['result'])
  const refreshes = counter(registry, 'auth_refreshes_total', 'Attempts to refresh', ['result'])
  const returns = counter(
    registry,
    'auth_provider_returns_total',
    'Browsers that came back from a provider',
    ['provider', 'outcome'],
  )
  const exchanges = counter(
    registry,
    'auth_code_exchanges_total',
    'Attempts to exchange a one-time code',
    ['result'],
  )
  return {
    registration: (result) => registrations.inc({ result }),
    signIn: (result) => signIns.inc({ result }),
    refresh: (result) => refreshes.inc({ result }),
    providerReturn: (provider, outcome) => returns.inc({ provider, outcome }),
    codeExchange: (result) => exchanges.inc({ result }),
  }
}

const makeLimitMeasurements = (registry: Registry): LimitMeasurements => {
  const limited = counter(registry, 'auth_limited_total', 'Attempts refused by a budget', [
    'budget',
  ])
  const splits = counter(
    registry,
    'auth_limits_split_total',
    'Times that the rate limits lost Redis',
    [],
  )
  let areShared = true
  gauge(registry, 'auth_limits_shared', 'Whether instances count together', [], (shared) =>
    shared.set(areShared ? 1 : 0),
  )
  return {
    limited: (budget) => limited.inc({ budget }),
    limitsShared: (shared) => {
      areShared = shared
      if (!shared) splits.inc()
    },
  }
}

/** Which mode holds, and what the rollout guard has found. Every mode shows 0 before the first was read. */
const makeMigrationMeasurements = (registry: Registry): MigrationMeasurements => {
  let present: Parameters<MigrationMeasurements['syncMode']>[0] | null = null
  let guarded = { breaches: 0, isStuck: false }
  gauge(registry, 'auth_sync_mode', 'Which mode holds: 1 for that one', ['mode'], (shown) => {
    for (const mode of SYNC_MODES) shown.set({ mode }, present?.mode === mode ? 1 : 0)
  })
  gauge(registry, 'auth_sync_percent', 'Of a hundred users, how many follow events', [], (shown) =>
    shown.set(present?.percent ?? 0),
  )
  gauge(registry, 'auth_sync_armed', 'Whether the fallback adds HTTP calls now', [], (shown) =>
    shown.set(present?.armed === true ? 1 : 0),
  )
  gauge(registry, 'auth_sync_guard_breaches', 'Checks that failed in a row', [], (shown) =>
    shown.set(guarded.breaches),
  )
  gauge(
    registry,
    'auth_sync_guard_stuck',
    'Whether both channels fail, so that the rollout guard cannot step back',
    [],
    (shown) => shown.set(guarded.isStuck ? 1 : 0),
  )
  return {
    syncMode: (mode) => {
      present = mode
    },
    guard: (breaches, isStuck) => {
      guarded = { breaches, isStuck }
    },
  }
}
