import type { Backend } from '../adapters/legacy-http/backend.ts'
import type { Database } from '../adapters/postgres/driver/database.ts'
import { makeSyncModes } from '../adapters/postgres/migration/sync-modes.ts'
import type { ChannelSender } from '../application/events/relay/channel-sender.ts'
import { makeAdoptMode } from '../application/migration/adopt-mode.ts'
import { makeChannelJournal } from '../application/migration/channel-journal.ts'
import type { RolloutGuard } from '../application/migration/rollout-guard.ts'
import { makeRolloutGuard } from '../application/migration/rollout-guard.ts'
import { makeWatchEventChannel } from '../application/migration/watch-event-channel.ts'
import type { Channel } from '../domain/events/user-event.ts'
import { CHECK_SECONDS } from '../domain/migration/rollout-guard.ts'
import type { DeliveryMeasurements } from '../ports/driven/events/delivery-measurements.ts'
import type { MigrationMeasurements } from '../ports/driven/migration/migration-measurements.ts'
import type { Signals } from '../ports/driven/operations/signals.ts'
import type { Clock, Monotonic } from '../ports/driven/shared/clock.ts'
import type { Identifiers } from '../ports/driven/shared/identifiers.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { Stores } from '../ports/driven/transact.ts'
import type { Broker } from './broker.ts'
import type { Config } from './config.ts'
import { measureLegs } from './legs-measured.ts'
import type { ScheduledTask } from './scheduler.ts'

type Needs = {
  readonly database: Database
  readonly broker: Broker
  readonly backend: Backend | null
  readonly legs: ReadonlyMap<Channel, ChannelSender>
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Identifiers
  readonly signals: Signals
  readonly wakeRelay: () => void
  readonly measurements: DeliveryMeasurements & MigrationMeasurements
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
}

const CALLS = 'http:backend'
const LOOK_SECONDS = 0.5
const RECEIVER_SECONDS = 10

/** Which leg leads to Backend: kept in the database, followed and guarded by each instance. */
export const openSync = (config: Config, needs: Needs) => {
  const { backend, broker, signals, clock } = needs
  const { backendChannel } = config.sync
  const syncModes = makeSyncModes(needs.database)
  const journalOf = new Map(
    [...needs.legs.keys()].map((channel) => [channel, makeChannelJournal(clock)]),
  )
  const journals = {
    events: journalOf.get(backendChannel) ?? makeChannelJournal(clock),
    calls: journalOf.get(CALLS) ?? makeChannelJournal(clock),
  }
  const announceMode = () => void signals.announce({ kind: 'mode-changed' })
  const delivers = config.role !== 'api'
  const look = makeWatchEventChannel({
    ...{ ...needs, syncModes, backendChannel, delivers },
    ...{ journal: journals.events, isReady: broker.isReady },
  })
  const measured = measureLegs(needs.database, broker.consumers, syncModes)
  const guard = openGuard(config, { ...needs, syncModes, journals, announceMode })

  return {
    syncModes,
    announceMode,
    versionGuard: backend?.guard ?? null,
    rolloutGuardStatus: guard.status,
    look,
    /** The channel senders, with the outcomes of their deliveries recorded. */
    senders: new Map(
      [...needs.legs].map(([channel, leg]): [Channel, ChannelSender] => [
        channel,
        journalOf.get(channel)?.observe(leg) ?? leg,
      ]),
    ),
    readStatistics: measured.readStatistics,
    consumerReports: measured.consumerReports,
    measurements: measured.withLatencies(
      noteTakeovers(needs.measurements, journals.events.recordTakeover),
    ),
    streamReports: broker.reports,
    settle: makeAdoptMode({
      ...{ syncModes, first: config.sync.first, hasReceiver: backend !== null },
      ...{ channels: [...needs.legs.keys()], log: needs.log, clock },
    }),
    tasks: [
      ...measured.tasks,
      { name: 'sync-mode', everySeconds: LOOK_SECONDS, run: look },
      ...(delivers && backend !== null ? [{ ...GUARD_TASK, run: guard.check }] : []),
      ...(backend === null ? [] : [receiverTask(syncModes, backend)]),
    ] satisfies readonly ScheduledTask[],
  }
}

/** The same, also telling when shards come from elsewhere: what waited for that says nothing about a leg. */
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

const GUARD_TASK = { name: 'sync-guard', everySeconds: CHECK_SECONDS } as const

type GuardNeeds = Needs &
  Pick<Parameters<typeof makeRolloutGuard>[0], 'syncModes' | 'journals' | 'announceMode'>

/** Without calls to go back to there is nothing that it could do. */
const openGuard = ({ sync }: Config, needs: GuardNeeds): RolloutGuard =>
  needs.backend === null
    ? { check: async () => {}, status: () => ({ state: 'off', breaches: 0 }) }
    : makeRolloutGuard({
        ...needs,
        ...{ policy: sync.guard, limitMs: sync.p95LimitMs, backendChannel: sync.backendChannel },
        ...{ receiver: needs.backend.receiver, versionGuard: needs.backend.guard },
      })

/** What the receiver says about itself is also for those who cannot ask it. */
const receiverTask = (
  syncModes: ReturnType<typeof makeSyncModes>,
  { guard }: Backend,
): ScheduledTask => ({
  name: 'sync-receiver',
  everySeconds: RECEIVER_SECONDS,
  run: async () => {
    const known = guard.latest()
    const answer = known === 'unknown' ? await guard.ask() : known
    if (answer !== 'unknown') await syncModes.noteDeployment({ guard: answer })
  },
})
