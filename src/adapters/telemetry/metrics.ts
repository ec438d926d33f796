import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Channel } from '../../domain/events/user-event.ts'
import type { Backlog } from '../../ports/driven/events/deliveries.ts'
import type { ConsumerReport } from '../../ports/driven/events/event-consumers.ts'
import type { StreamReport } from '../../ports/driven/events/event-streams.ts'
import type { Measurements } from '../../ports/driven/operations/measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { makeBacklogGauges } from './backlog-gauges.ts'
import { makeConsumerGauges } from './consumer-gauges.ts'
import { counter, gauge, histogram } from './instruments.ts'
import { methodLabel } from './method-label.ts'
import { makeStreamGauges } from './stream-gauges.ts'
import { makeSyncMeters } from './sync-meters.ts'

export type Metrics = {
  readonly measurements: Measurements
  /** `route` is the pattern of a route, never a path: paths are without number. */
  observeRequest(route: string, method: string, status: number, seconds: number): void
  setBacklog(channel: Channel, backlog: Backlog): void
  setStreams(reports: readonly StreamReport[]): void
  setConsumers(reports: readonly ConsumerReport[]): void
  setLegReady(channel: Channel, isReady: boolean): void
  /** One password was compared with a hash. */
  hashVerified(): void
  /** All metrics in Prometheus' text format. */
  text(): Promise<string>
}

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const DELIVERY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

const PREFIX = 'auth_'
// Of the library's own metrics these have labels that each runtime fills differently, with series that come and go.
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

/** The metrics of docs/metrics.md, in a registry of their own. The clock tells how old what is pending has become. */
export const makeMetrics = (clock: Clock): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  for (const name of NOT_SHOWN) registry.removeSingleMetric(`${PREFIX}nodejs_${name}`)
  const requests = histogram(registry, 'auth_http_request_seconds', 'Time to answer a request', {
    labels: ['route', 'method', 'status'],
    buckets: REQUEST_SECONDS,
  })
  const verifications = counter(
    registry,
    'auth_password_verifications_total',
    'Passwords compared with a hash',
    [],
  )
  const backlogs = makeBacklogGauges(registry, clock)
  const streams = makeStreamGauges(registry)
  const consumers = makeConsumerGauges(registry)
  const ready = new Map<Channel, boolean>()
  gauge(registry, 'auth_leg_ready', 'Whether a leg may be used', ['channel'], (shown) => {
    for (const [channel, isReady] of ready) shown.set({ channel }, isReady ? 1 : 0)
  })
  return {
    measurements: makeMeasurements(registry),
    observeRequest: (route, method, status, seconds) =>
      requests.observe({ route, method: methodLabel(method), status }, seconds),
    setBacklog: backlogs.set,
    setStreams: streams.set,
    setConsumers: consumers.set,
    setLegReady: (channel, isReady) => ready.set(channel, isReady),
    hashVerified: () => verifications.inc(),
    text: () => registry.metrics(),
  }
}

const makeMeasurements = (registry: Registry): Measurements => {
  const count = (name: string, help: string, labels: readonly string[]) =>
    counter(registry, name, help, labels)
  const signIns = count('auth_sign_ins_total', 'Attempts to sign in', ['result'])
  const registrations = count('auth_registrations_total', 'Attempts to register', ['result'])
  const refreshes = count('auth_refreshes_total', 'Attempts to refresh', ['result'])
  const returns = count('auth_provider_returns_total', 'Browsers back from a provider', [
    'provider',
    'outcome',
  ])
  const exchanges = count('auth_code_exchanges_total', 'Attempts to exchange a code', ['result'])
  const limited = count('auth_limited_total', 'Attempts refused by a budget', ['budget'])
  const splits = count('auth_limits_split_total', 'Times that Redis was lost to the limits', [])
  let areShared = true
  gauge(registry, 'auth_limits_shared', 'Whether instances count together', [], (shared) =>
    shared.set(areShared ? 1 : 0),
  )
  const failures = count('auth_delivery_failures_total', 'Failed tries to deliver', [
    'channel',
    'kind',
  ])
  const fenced = count('auth_fenced_deliveries_total', 'Outcomes of tries that came too late', [
    'channel',
  ])
  let held = 0
  gauge(registry, 'auth_relay_shards', 'Shards that this instance delivers', [], (shards) =>
    shards.set(held),
  )
  const gained = count('auth_relay_shards_taken_total', 'Shards taken from nobody or another', [])
  const delivery = histogram(
    registry,
    'auth_delivery_seconds',
    'Time from commit to acknowledgement',
    { labels: ['channel'], buckets: DELIVERY_SECONDS },
  )
  return {
    signIn: (result) => signIns.inc({ result }),
    registration: (result) => registrations.inc({ result }),
    refresh: (result) => refreshes.inc({ result }),
    providerReturn: (provider, outcome) => returns.inc({ provider, outcome }),
    codeExchange: (result) => exchanges.inc({ result }),
    limited: (budget) => limited.inc({ budget }),
    limitsShared: (shared) => {
      areShared = shared
      if (!shared) splits.inc()
    },
    delivered: (channel, latencySeconds) => delivery.observe({ channel }, latencySeconds),
    deliveryFailed: (channel, kind) => failures.inc({ channel, kind }),
    fenced: (channel) => fenced.inc({ channel }),
    ...makeSyncMeters(registry),
    leases: (shards, taken) => {
      held = shards
      gained.inc(taken)
    },
  }
}
