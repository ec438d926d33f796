import { makeUserEventCodec } from '../../../adapters/codec/user-event-codec.ts'
import type { Backend } from '../../../adapters/legacy-http/backend.ts'
import { makeBackend } from '../../../adapters/legacy-http/backend.ts'
import { makeSessionStateCache } from '../../../adapters/memory/session-state-cache.ts'
import { makeIdentifiers } from '../../../adapters/platform/identifiers.ts'
import { pause } from '../../../adapters/platform/pause.ts'
import { makeAuditTrail } from '../../../adapters/postgres/audit/audit-trail.ts'
import type { Database } from '../../../adapters/postgres/driver/database.ts'
import { openPglite, UnwritableFiles } from '../../../adapters/postgres/driver/open-pglite.ts'
import { openPostgres } from '../../../adapters/postgres/driver/open-postgres.ts'
import { makeDeliveryAudit } from '../../../adapters/postgres/events/delivery-audit.ts'
import { makeReadSessionState } from '../../../adapters/postgres/sessions/sessions.ts'
import type { StoresNeeds } from '../../../adapters/postgres/stores.ts'
import { makeStores } from '../../../adapters/postgres/stores.ts'
import { makeTransact } from '../../../adapters/postgres/transact.ts'
import { makeLog } from '../../../adapters/telemetry/log.ts'
import type { Measurements, Metrics } from '../../../adapters/telemetry/metrics.ts'
import { makeMetrics } from '../../../adapters/telemetry/metrics.ts'
import type { Trace } from '../../../adapters/telemetry/trace.ts'
import { makeTrace } from '../../../adapters/telemetry/trace.ts'
import type { ChannelSender } from '../../../application/events/relay/channel-sender.ts'
import {
  makeReceiverSender,
  makeSubjectSender,
} from '../../../application/events/relay/channel-sender.ts'
import type { Relay } from '../../../application/events/relay/relay-events.ts'
import { makeRecordLimitSharing } from '../../../application/limits/record-limit-sharing.ts'
import { shareSessionStates } from '../../../application/sessions/share-session-states.ts'
import type { Channel } from '../../../domain/events/user-event.ts'
import { channelOf } from '../../../domain/events/user-event.ts'
import type { Refusal } from '../../../domain/operations/exit-codes.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { Broker } from '../../../ports/driven/events/broker.ts'
import type { CommittedEvent } from '../../../ports/driven/events/deliveries.ts'
import type { UserEventCodec } from '../../../ports/driven/events/event-publisher.ts'
import type {
  ReadSessionState,
  SessionStates,
} from '../../../ports/driven/sessions/session-states.ts'
import type { Clock, Monotonic, Pause } from '../../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores, Transact } from '../../../ports/driven/transact.ts'
import type { Config } from '../../config/config.ts'
import type { Installation } from '../../lifecycle/composition.ts'
import { refuseUnwritable } from '../../lifecycle/open-installation.ts'
import { isTerminal } from '../../lifecycle/print.ts'
import { openBroker } from './open-broker.ts'
import type { SharedMemory } from './open-shared-memory.ts'
import { openSharedMemory } from './open-shared-memory.ts'
import type { Openings } from './openings.ts'

/** What the rooms are composed from. Each room names the members that it needs. */
export type Resources = {
  readonly config: Config
  readonly log: Log
  readonly trace: Trace
  readonly metrics: Metrics
  readonly measurements: Measurements
  readonly clock: Clock
  readonly monotonic: Monotonic
  readonly pause: Pause
  /** A number in [0, 1), for jitter. */
  readonly chance: () => number
  readonly identifiers: Identifiers
  readonly database: Database
  /** For the stores of a room that write events. */
  readonly storesNeeds: StoresNeeds
  /** Tells the relays of all instances that there may be something to deliver. */
  readonly wakeRelays: () => void
  readonly stores: Stores
  readonly transact: Transact
  readonly readSessionState: ReadSessionState
  /** The states of sessions as this instance keeps them for a moment; it tells the others what it forgets. */
  readonly states: SessionStates
  readonly sharedMemory: SharedMemory
  readonly broker: Broker
  /** Backend over HTTP; null where BACKEND_SYNC_URL is not set. */
  readonly backend: Backend | null
  readonly codec: UserEventCodec
  /** How events are sent on each channel of this installation. */
  readonly senders: ReadonlyMap<Channel, ChannelSender>
  readonly relaySwitch: RelaySwitch
}

/** The relay of this instance, which is composed after those who have work for it. Until then nothing is delivered here. */
export type RelaySwitch = Pick<Relay, 'wake' | 'deliver'> & {
  connect(relay: Pick<Relay, 'wake' | 'deliver'>): void
}

/** The longest that sending one event may take; well under a lease less its renewal. */
const PUBLISH_SECONDS = 3
const CALL_SECONDS = 5

/** Opens PostgreSQL, Redis and the broker, in this order, and makes what all rooms share. */
export const openResources = async (
  { config, databasePath }: Pick<Installation, 'config' | 'databasePath'>,
  openings: Openings,
): Promise<Result<Resources, Refusal>> => {
  const trace = makeTrace()
  const log = makeLog({
    level: config.logLevel,
    traceId: trace.traceId,
    isForTerminal: isTerminal(),
  })
  const metrics = makeMetrics(clock)
  const { measurements } = metrics
  const relaySwitch = makeRelaySwitch()

  const openedDatabase = await openDatabase(config, databasePath)
  if (!openedDatabase.ok) return openedDatabase
  const database = openedDatabase.value
  openings.add('database', database.close)

  const audit = makeAuditTrail(database.db, trace.traceId)
  const recordLimitSharing = makeRecordLimitSharing({ audit, measurements, clock, log })
  const opened = await openSharedMemory(config, {
    log,
    pause,
    monotonic,
    chance,
    recordLimitSharing,
  })
  if (!opened.ok) return opened
  const sharedMemory = opened.value
  openings.add('redis', sharedMemory.close)

  const broker = openBroker(config, {
    audit: makeDeliveryAudit(database),
    wake: relaySwitch.wake,
    sendSeconds: PUBLISH_SECONDS,
    log,
    pause,
    chance,
  })
  openings.add('broker', broker.close)

  const codec = makeUserEventCodec({ source: config.publicUrl, typePrefix: config.eventTypePrefix })
  const backend = openBackend(config, { log, clock, monotonic })
  const senders = makeSenders(config, broker, backend, codec)
  const { signals } = sharedMemory
  const announceEvents = () => void signals.announce({ kind: 'events-waiting', shards: [] })
  const storesNeeds = {
    channels: [...senders.keys()],
    traceId: trace.traceId,
    monotonic,
    onCommitted: (event: CommittedEvent) => {
      if (!relaySwitch.deliver(event)) announceEvents()
    },
  }
  const readState = makeReadSessionState(database)
  const cache = makeSessionStateCache({ read: readState, mayKeep: signals.isListening })
  return ok({
    config,
    log,
    trace,
    metrics,
    measurements,
    clock,
    monotonic,
    pause,
    chance,
    identifiers: makeIdentifiers(trace.current),
    database,
    storesNeeds,
    wakeRelays: () => {
      relaySwitch.wake()
      announceEvents()
    },
    stores: makeStores(database, storesNeeds),
    transact: makeTransact(database, storesNeeds),
    readSessionState: readState,
    states: shareSessionStates(cache, signals),
    sharedMemory,
    broker,
    backend,
    codec,
    senders,
    relaySwitch,
  })
}

const clock: Clock = () => new Date()
const monotonic: Monotonic = () => performance.now()
const chance = Math.random

/** The PostgreSQL server that is configured, else the embedded database. */
const openDatabase = async (
  { databaseUrl, dataDirectory }: Config,
  embeddedPath: string,
): Promise<Result<Database, Refusal>> => {
  if (databaseUrl !== null)
    return ok(openPostgres({ address: databaseUrl.reveal(), applicationName: 'auth-service' }))
  try {
    return ok(await openPglite(embeddedPath))
  } catch (fault) {
    if (!(fault instanceof UnwritableFiles)) throw fault
    return fail(refuseUnwritable(dataDirectory, fault.code))
  }
}

const openBackend = (
  { backend }: Config,
  needs: { readonly log: Log; readonly clock: Clock; readonly monotonic: Monotonic },
): Backend | null =>
  backend === null || backend.syncUrl === null
    ? null
    : makeBackend({
        url: backend.syncUrl,
        secrets: backend.secrets.map((secret) => secret.reveal()),
        withinMs: CALL_SECONDS * 1000,
        ...needs,
      })

const makeSenders = (
  { subjects }: Config,
  { publisher, isReady }: Broker,
  backend: Backend | null,
  codec: UserEventCodec,
): ReadonlyMap<Channel, ChannelSender> => {
  const needs = { publisher, codec, isConnected: isReady, sendSeconds: PUBLISH_SECONDS }
  const senders = new Map<Channel, ChannelSender>(
    subjects.map((subject) => [channelOf(subject), makeSubjectSender(needs, subject)]),
  )
  if (backend !== null) {
    const { receiver } = backend
    senders.set('http:backend', makeReceiverSender({ receiver, codec, sendSeconds: CALL_SECONDS }))
  }
  return senders
}

const makeRelaySwitch = (): RelaySwitch => {
  let relay: Pick<Relay, 'wake' | 'deliver'> | null = null
  return {
    wake: () => relay?.wake(),
    deliver: (committed) => relay?.deliver(committed) ?? false,
    connect: (connected) => {
      relay = connected
    },
  }
}
