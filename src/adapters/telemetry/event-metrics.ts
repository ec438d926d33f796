import type { Registry } from 'prom-client'
import type { ConsumerReport } from '../../domain/events/consumer-report.ts'
import type { StreamReport, StreamStatus } from '../../domain/events/stream-report.ts'
import type { Channel } from '../../domain/events/user-event.ts'
import { secondsBetween } from '../../domain/shared/instants.ts'
import type { Backlog } from '../../ports/driven/events/deliveries.ts'
import type { DeliveryMeasurements } from '../../ports/driven/events/delivery-measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { counter, gauge, histogram } from './instruments.ts'

/** What is read from the database and the broker whenever the metrics are asked for. */
export type EventGauges = {
  setBacklog(channel: Channel, backlog: Backlog): void
  setStreams(reports: readonly StreamReport[]): void
  setConsumers(reports: readonly ConsumerReport[]): void
  setChannelReady(channel: Channel, isReady: boolean): void
}

const DELIVERY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** Counters of the relay. */
export const makeDeliveryMeasurements = (registry: Registry): DeliveryMeasurements => {
  const delivery = histogram(
    registry,
    'auth_delivery_seconds',
    'Time from commit to acknowledgement',
    { labels: ['channel'], buckets: DELIVERY_SECONDS },
  )
  const failures = counter(
    registry,
    'auth_delivery_failures_total',
    'Attempts to deliver that failed',
    ['channel', 'kind'],
  )
  const fenced = counter(
    registry,
    'auth_fenced_deliveries_total',
    'Outcomes not recorded, because the shard had gone to another instance',
    ['channel'],
  )
  let heldShards = 0
  gauge(registry, 'auth_relay_shards', 'Shards that this instance delivers', [], (shards) =>
    shards.set(heldShards),
  )
  const gainedShards = counter(
    registry,
    'auth_relay_shards_taken_total',
    'Shards that this instance took over, its first ones included',
    [],
  )
  return {
    delivered: (channel, latencySeconds) => delivery.observe({ channel }, latencySeconds),
    deliveryFailed: (channel, kind) => failures.inc({ channel, kind }),
    fenced: (channel) => fenced.inc({ channel }),
    leases: (held, gained) => {
      heldShards = held
      gainedShards.inc(gained)
    },
  }
}

/** Gauges of the outbox, the channels, the broker's streams and their consumers. The clock gives a backlog its age. */
export const makeEventGauges = (registry: Registry, clock: Clock): EventGauges => {
  const ready = new Map<Channel, boolean>()
  gauge(registry, 'auth_leg_ready', 'Whether a channel may be used', ['channel'], (shown) => {
    for (const [channel, isReady] of ready) shown.set({ channel }, isReady ? 1 : 0)
  })
  return {
    setBacklog: makeBacklogGauges(registry, clock),
    setStreams: makeStreamGauges(registry),
    setConsumers: makeConsumerGauges(registry),
    setChannelReady: (channel, isReady) => ready.set(channel, isReady),
  }
}

/** The deliveries of each channel that wait. The age of the oldest goes on rising while nobody reports. */
const makeBacklogGauges = (registry: Registry, clock: Clock): EventGauges['setBacklog'] => {
  const backlogs = new Map<Channel, Backlog>()
  const show = (name: string, help: string, read: (backlog: Backlog) => number) =>
    gauge(registry, name, help, ['channel'], (shown) => {
      for (const [channel, backlog] of backlogs) shown.set({ channel }, read(backlog))
    })
  show('auth_deliveries_pending', 'Deliveries that wait', ({ pending }) => pending)
  show('auth_deliveries_parked', 'Parked deliveries', ({ parked }) => parked)
  show(
    'auth_deliveries_oldest_pending_seconds',
    'Age of the oldest delivery that waits, 0 when none does',
    ({ oldestPendingAt }) =>
      oldestPendingAt === null ? 0 : Math.max(0, secondsBetween(oldestPendingAt, clock())),
  )
  return (channel, backlog) => {
    backlogs.set(channel, backlog)
  }
}

/** What the broker's streams hold, and on how many servers. A stream that was never read shows no numbers. */
const makeStreamGauges = (registry: Registry): EventGauges['setStreams'] => {
  let reports: readonly StreamReport[] = []
  const show = (name: string, help: string, read: (status: StreamStatus) => number) =>
    gauge(registry, name, help, ['stream'], (shown) => {
      shown.reset()
      for (const { name: stream, status } of reports)
        if (status !== null) shown.set({ stream }, read(status))
    })
  show(
    'auth_stream_replicas',
    'Servers that a stream is configured to be held by',
    (it) => it.replicasConfigured,
  )
  show(
    'auth_stream_replicas_current',
    'Servers that hold the whole stream now',
    (it) => it.replicasCurrent,
  )
  show('auth_stream_messages', 'Messages in a stream', (it) => it.messages)
  show('auth_stream_bytes', 'Size of a stream', (it) => it.bytes)
  gauge(
    registry,
    'auth_stream_ready',
    'Whether a stream is configured as required',
    ['stream'],
    (shown) => {
      for (const { name: stream, state } of reports)
        shown.set({ stream }, state === 'ready' ? 1 : 0)
    },
  )
  return (latest) => {
    reports = latest
  }
}

/** The durable consumers of the stream of user events. Their names are the operator's, so the series stay few. */
const makeConsumerGauges = (registry: Registry): EventGauges['setConsumers'] => {
  let reports: readonly ConsumerReport[] = []
  const show = (name: string, help: string, read: (report: ConsumerReport) => number) =>
    gauge(registry, name, help, ['consumer', 'subject'], (shown) => {
      shown.reset()
      for (const report of reports)
        shown.set({ consumer: report.name, subject: report.subject }, read(report))
    })
  show('auth_consumer_pending', 'Messages not given yet', (it) => it.pending)
  show('auth_consumer_ack_pending', 'Messages not acknowledged', (it) => it.ackPending)
  show('auth_consumer_redelivered', 'Messages given more than once', (it) => it.redelivered)
  show(
    'auth_consumer_oldest_unacked_seconds',
    'Age of the oldest message not acknowledged, 0 when there is none',
    (it) => it.oldestUnackedSeconds ?? 0,
  )
  return (latest) => {
    reports = latest
  }
}
