import type { SyncUseCases } from '../../adapters/http/migration/sync-routes.ts'
import type { Backend } from '../../adapters/legacy-http/backend.ts'
import { makeBackendDigest } from '../../adapters/legacy-http/backend-digest.ts'
import type { Database } from '../../adapters/postgres/driver/database.ts'
import { makeConsumerReports } from '../../adapters/postgres/events/consumer-reports.ts'
import { makeDeliveries } from '../../adapters/postgres/events/deliveries.ts'
import { makeChannelWindows } from '../../adapters/postgres/migration/channel-windows.ts'
import { makeSyncComparison } from '../../adapters/postgres/migration/sync-comparison.ts'
import { makeSyncModes } from '../../adapters/postgres/migration/sync-modes.ts'
import { makeLatencies } from '../../adapters/telemetry/latencies.ts'
import type { ChannelSender } from '../../application/events/relay/channel-sender.ts'
import type { AdoptMode } from '../../application/migration/adopt-mode.ts'
import { makeAdoptMode } from '../../application/migration/adopt-mode.ts'
import { makeChangeSyncMode } from '../../application/migration/change-sync-mode.ts'
import type { ChannelJournal } from '../../application/migration/channel-journal.ts'
import { makeChannelJournal } from '../../application/migration/channel-journal.ts'
import {
  makeReadChannelStatistics,
  withLatencies,
} from '../../application/migration/channel-statistics.ts'
import { makeCompareStates } from '../../application/migration/compare-states.ts'
import { makeReadSyncStatus } from '../../application/migration/read-sync-status.ts'
import { makeReportSync } from '../../application/migration/report-sync.ts'
import type { RolloutGuard } from '../../application/migration/rollout-guard.ts'
import { makeRolloutGuard } from '../../application/migration/rollout-guard.ts'
import { makeWatchEventChannel } from '../../application/migration/watch-event-channel.ts'
import type { Channel } from '../../domain/events/user-event.ts'
import { CHECK_SECONDS } from '../../domain/migration/find-breach.ts'
import type { Deliveries } from '../../ports/driven/events/deliveries.ts'
import type { DeliveryMeasurements } from '../../ports/driven/events/delivery-measurements.ts'
import type { ConsumerReports, EventConsumers } from '../../ports/driven/events/event-consumers.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { ScheduledTask } from '../../ports/driven/operations/scheduled-task.ts'
import type { Clock, Pause } from '../../ports/driven/shared/clock.ts'
import type { ReadSyncStatus } from '../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../ports/driving/migration/sync-report.ts'
import type { ReportConfig } from '../config/command-config.ts'
import type { Resources } from './resources/open-resources.ts'

export type MigrationNeeds = {
  readonly resources: Pick<
    Resources,
    | 'config'
    | 'database'
    | 'stores'
    | 'sharedMemory'
    | 'broker'
    | 'backend'
    | 'senders'
    | 'relaySwitch'
    | 'identifiers'
    | 'measurements'
    | 'log'
    | 'clock'
    | 'monotonic'
    | 'pause'
  >
}

export type MigrationRoom = SyncUseCases & {
  /** How events are sent on each channel, with what each channel goes through written down. */
  readonly senders: ReadonlyMap<Channel, ChannelSender>
  readonly deliveries: Deliveries
  readonly deliveryMeasurements: DeliveryMeasurements
  readonly consumerReports: ConsumerReports
  /** Before anything is changed: takes the first mode of a new installation, or finds the stored one. */
  readonly adoptMode: AdoptMode
  /** Reads the mode again, and acts on what changed. */
  readonly watchMode: () => Promise<void>
  readonly tasks: readonly ScheduledTask[]
}

const CALLS = 'http:backend'
const WATCH_SECONDS = 0.5
const RECEIVER_SECONDS = 10
/** A request over HTTP has to be answered before the runtime closes the connection, which is after 10 s. */
const COMPARE_TIMEOUT_MS = 6000

/** Which channel Backend follows: kept in the database, followed and guarded by each instance. */
export const composeMigration = ({ resources }: MigrationNeeds): MigrationRoom => {
  const { config, database, broker, backend, senders, log, clock, pause } = resources
  const { backendChannel } = config.sync
  const syncModes = makeSyncModes(database)
  const deliveries = makeDeliveries(
    { ...database, db: database.background },
    backend && backendChannel,
  )
  const journalOf = new Map(
    [...senders.keys()].map((channel) => [channel, makeChannelJournal(clock)]),
  )
  const journals = {
    events: journalOf.get(backendChannel) ?? makeChannelJournal(clock),
    calls: journalOf.get(CALLS) ?? makeChannelJournal(clock),
  }
  const observed = new Map(
    [...senders].map(([channel, sender]): [Channel, ChannelSender] => [
      channel,
      journalOf.get(channel)?.observe(sender) ?? sender,
    ]),
  )
  const announceMode = () => void resources.sharedMemory.signals.announce({ kind: 'mode-changed' })
  const delivers = config.role !== 'api'
  const watchMode = makeWatchEventChannel({
    ...resources,
    syncModes,
    backendChannel,
    delivers,
    journal: journals.events,
    isReady: broker.isReady,
    wakeRelay: resources.relaySwitch.wake,
  })
  const statistics = collectStatistics(database, broker.consumers, syncModes)
  const guard = composeGuard(resources, { syncModes, journals, announceMode })
  const readSyncStatus = makeReadSyncStatus({
    syncModes,
    deliveries,
    senders: observed,
    readStatistics: statistics.readStatistics,
    consumerReports: statistics.consumerReports,
    streamReports: broker.reports,
    rolloutGuardStatus: guard.status,
    clock,
  })
  return {
    readSyncStatus,
    reportSync: composeReport(config, database, readSyncStatus, {
      compareTimeoutMs: COMPARE_TIMEOUT_MS,
      clock,
      pause,
    }),
    changeSyncMode: makeChangeSyncMode({
      ...resources,
      syncModes,
      versionGuard: backend?.guard ?? null,
      announceMode,
    }),
    senders: observed,
    deliveries,
    deliveryMeasurements: statistics.withLatencies(
      noteTakeovers(resources.measurements, journals.events.recordTakeover),
    ),
    consumerReports: statistics.consumerReports,
    adoptMode: makeAdoptMode({
      syncModes,
      first: config.sync.first,
      hasReceiver: backend !== null,
      channels: [...senders.keys()],
      log,
      clock,
    }),
    watchMode,
    tasks: [
      ...statistics.tasks,
      { name: 'sync-mode', everySeconds: WATCH_SECONDS, run: watchMode },
      ...(delivers && backend !== null
        ? [{ name: 'sync-guard', everySeconds: CHECK_SECONDS, run: guard.check }]
        : []),
      ...(backend === null ? [] : [receiverTask(syncModes, backend)]),
    ],
  }
}

/** The same, also telling when shards come from elsewhere: what waited for that says nothing about a channel. */
const noteTakeovers = (
  measurements: DeliveryMeasurements,
  tookOver: () => void,
): DeliveryMeasurements => ({
  ...measurements,
  leases: (held, gained) => {
    if (gained > 0) tookOver()
    measurements.leases(held, gained)
  },
})

type GuardNeeds = {
  readonly syncModes: SyncModes
  readonly journals: { readonly events: ChannelJournal; readonly calls: ChannelJournal }
  readonly announceMode: () => void
}

/** Without an HTTP channel there is nothing that the rollout guard could step back to. */
const composeGuard = (resources: MigrationNeeds['resources'], needs: GuardNeeds): RolloutGuard => {
  const { backend, config } = resources
  if (backend === null)
    return { check: async () => {}, status: () => ({ state: 'off', breaches: 0 }) }
  return makeRolloutGuard({
    ...resources,
    ...needs,
    policy: config.sync.guard,
    limitMs: config.sync.p95LimitMs,
    backendChannel: config.sync.backendChannel,
    receiver: backend.receiver,
    versionGuard: backend.guard,
  })
}

/** What the receiver says about itself is stored for those who cannot ask it. */
const receiverTask = (syncModes: SyncModes, { guard }: Backend): ScheduledTask => ({
  name: 'sync-receiver',
  everySeconds: RECEIVER_SECONDS,
  run: async () => {
    const known = guard.latest()
    const answer = known === 'unknown' ? await guard.ask() : known
    if (answer !== 'unknown') await syncModes.noteDeployment({ guard: answer })
  },
})

const STREAM = 'USER_EVENTS'
const SHARE_SECONDS = 5
const CONSUMERS_SECONDS = 10

/** The statistics of the channels and the consumers of the stream, from the database alone. */
export const composeStatistics = (database: Database) => ({
  readStatistics: makeReadChannelStatistics({
    latencies: makeLatencies(),
    windows: makeChannelWindows(database),
  }),
  consumerReports: makeConsumerReports(database, STREAM),
})

/** The same, with what this instance measures added. */
const collectStatistics = (
  database: Database,
  consumers: EventConsumers | null,
  syncModes: Pick<SyncModes, 'noteDeployment'>,
) => {
  const latencies = makeLatencies()
  const windows = makeChannelWindows(database)
  const statistics = composeStatistics(database)
  const noteConsumers = async (listed: EventConsumers): Promise<void> => {
    const positions = await listed.list()
    await statistics.consumerReports.note(positions)
    await syncModes.noteDeployment({ consumers: positions.map(({ name }) => name) })
  }
  const share: ScheduledTask = {
    name: 'channel-statistics',
    everySeconds: SHARE_SECONDS,
    run: () => windows.keep(latencies.take()),
  }
  return {
    ...statistics,
    withLatencies: (measurements: DeliveryMeasurements) => withLatencies(measurements, latencies),
    tasks:
      consumers === null
        ? [share]
        : [
            share,
            {
              name: 'event-consumers',
              everySeconds: CONSUMERS_SECONDS,
              run: () => noteConsumers(consumers),
            },
          ],
  }
}

type ReportNeeds = {
  /** The receiver has so long, in milliseconds; null: as long as it takes. */
  readonly compareTimeoutMs: number | null
  readonly clock: Clock
  readonly pause: Pause
}

/** What speaks for and against the next stage of the migration. */
export const composeReport = (
  { backend, sync }: ReportConfig,
  database: Database,
  readSyncStatus: ReadSyncStatus,
  { compareTimeoutMs, clock, pause }: ReportNeeds,
): ReportSync => {
  const comparison = makeSyncComparison(database)
  const digestUrl = backend?.digestUrl ?? null
  const secrets = backend?.secrets.map((secret) => secret.reveal()) ?? []
  return makeReportSync({
    readSyncStatus,
    syncModes: makeSyncModes(database),
    comparison,
    compareStates:
      digestUrl === null
        ? null
        : makeCompareStates({
            backendDigest: makeBackendDigest({ url: digestUrl, secrets, clock }),
            comparison,
            pause,
          }),
    compareTimeoutMs,
    backendChannel: sync.backendChannel,
    p95LimitMs: sync.p95LimitMs,
    clock,
    pause,
  })
}
