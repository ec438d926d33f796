import { makeDeadLetterCodec } from '../../adapters/codec/dead-letter-codec.ts'
import { readPublishedUser } from '../../adapters/codec/user-event-codec.ts'
import type { DeadLetterUseCases } from '../../adapters/http/events/dead-letter-routes.ts'
import type { EventUseCases } from '../../adapters/http/events/event-routes.ts'
import { makeLeases } from '../../adapters/postgres/events/leases.ts'
import { makeLedger } from '../../adapters/postgres/events/ledger.ts'
import { makeRebases } from '../../adapters/postgres/events/rebases.ts'
import { makeReplays } from '../../adapters/postgres/events/replays.ts'
import { makeUserSnapshots } from '../../adapters/postgres/events/user-snapshots.ts'
import { makeDiscardEvents } from '../../application/events/dead-letters/discard-events.ts'
import { makeDismissDeadLetters } from '../../application/events/dead-letters/dismiss-dead-letters.ts'
import { makeListDeadLetters } from '../../application/events/dead-letters/list-dead-letters.ts'
import { makeRedriveDeadLetters } from '../../application/events/dead-letters/redrive-dead-letters.ts'
import type { DirectEvents } from '../../application/events/direct-events.ts'
import { makeDirectEvents } from '../../application/events/direct-events.ts'
import { makePublishToConsumer } from '../../application/events/publish-to-consumer.ts'
import { makeReadLedger } from '../../application/events/read-ledger.ts'
import { makeRebaseEvents } from '../../application/events/rebase-events.ts'
import type { Relay } from '../../application/events/relay/relay-events.ts'
import { makeRelay } from '../../application/events/relay/relay-events.ts'
import { makeCountReplay, makeReplayEvents } from '../../application/events/replay-events.ts'
import type { Ledger } from '../../ports/driven/events/ledger.ts'
import type { CountReplay, DiscardEvents, RebaseEvents } from '../../ports/driving/events/events.ts'
import type { MigrationRoom } from './migration.ts'
import type { Resources } from './resources/open-resources.ts'

export type EventsNeeds = {
  readonly resources: Pick<
    Resources,
    | 'database'
    | 'storesNeeds'
    | 'wakeRelays'
    | 'stores'
    | 'broker'
    | 'codec'
    | 'identifiers'
    | 'log'
    | 'clock'
    | 'monotonic'
    | 'pause'
  >
}

export type EventsRoom = EventUseCases &
  DeadLetterUseCases &
  DirectEvents & {
    readonly ledger: Ledger
    readonly countReplay: CountReplay
    readonly discardEvents: DiscardEvents
    readonly rebaseEvents: RebaseEvents
  }

export const composeEvents = ({ resources }: EventsNeeds): EventsRoom => {
  const { database, storesNeeds, broker } = resources
  const ledger = makeLedger(database)
  const direct = broker.directPublisher
  const needs = {
    ...resources,
    channels: storesNeeds.channels,
    replays: makeReplays(database),
    snapshots: makeUserSnapshots(database),
    rebases: makeRebases(database, {
      channels: storesNeeds.channels,
      wakeRelay: resources.wakeRelays,
    }),
    deadLetters: broker.deadLetters,
    deadLetterCodec: makeDeadLetterCodec(),
    eventConsumers: broker.eventConsumers,
    storedEvents: broker.storedEvents,
    readPublishedUser,
    publishToConsumer: makePublishToConsumer({ direct, pause: resources.pause }),
    wakeRelay: resources.wakeRelays,
  }
  return {
    ledger,
    readLedger: makeReadLedger(ledger),
    replayEvents: makeReplayEvents(needs),
    countReplay: makeCountReplay(needs),
    discardEvents: makeDiscardEvents(needs),
    rebaseEvents: makeRebaseEvents(needs),
    listDeadLetters: makeListDeadLetters(needs),
    redriveDeadLetters: makeRedriveDeadLetters(needs),
    dismissDeadLetters: makeDismissDeadLetters(needs),
    ...makeDirectEvents(needs),
  }
}

export type RelayNeeds = {
  readonly resources: Pick<
    Resources,
    | 'config'
    | 'database'
    | 'sharedMemory'
    | 'relaySwitch'
    | 'log'
    | 'clock'
    | 'monotonic'
    | 'pause'
    | 'chance'
  >
  readonly migration: Pick<
    MigrationRoom,
    'senders' | 'deliveries' | 'deliveryMeasurements' | 'watchMode'
  >
}

export type ComposedRelay = Pick<Relay, 'start'> & {
  /** Ends the relay and tells the other instances that its shards are free. */
  close(): Promise<void>
}

/** The relay of this instance, woken by commits, by signals of other instances and by changes of the mode. */
export const composeRelay = ({ resources, migration }: RelayNeeds): ComposedRelay => {
  const { signals } = resources.sharedMemory
  const relay = makeRelay({
    ...resources,
    channels: migration.senders,
    deliveries: migration.deliveries,
    isQuiet: resources.database.isQuiet,
    leases: makeLeases(resources.database),
    measurements: migration.deliveryMeasurements,
    slowMilliseconds: resources.config.sync.slowPublishMs,
    instance: crypto.randomUUID(),
  })
  resources.relaySwitch.connect(relay)
  // An instance acts at once on what it would find out by itself a moment later.
  signals.listen(({ kind }) => {
    if (kind === 'mode-changed') void migration.watchMode()
    if (kind === 'events-waiting' || kind === 'signals-missed') relay.wake()
    if (kind === 'shards-freed' || kind === 'signals-missed') relay.lookForShards()
  })
  return {
    start: relay.start,
    close: async () => {
      await relay.stop()
      await signals.announce({ kind: 'shards-freed' })
    },
  }
}
