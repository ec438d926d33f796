import schemaV1 from '../../contracts/user-events/v1.schema.json' with { type: 'json' }
import schemaV2 from '../../contracts/user-events/v2.schema.json' with { type: 'json' }
import { makeDeadLetterCodec } from '../adapters/codec/dead-letter-codec.ts'
import { makeUserEventCodec, readPublishedUser } from '../adapters/codec/user-event-codec.ts'
import { makeManagementApi } from '../adapters/http/management-api.ts'
import { makePublicApi } from '../adapters/http/public-api.ts'
import { makeSessionStateCache } from '../adapters/memory/session-state-cache.ts'
import { makePasswordBlocklist } from '../adapters/passwords/password-blocklist.ts'
import { makeIdentifiers } from '../adapters/platform/identifiers.ts'
import { pause } from '../adapters/platform/pause.ts'
import { schemaState } from '../adapters/postgres/driver/migrate.ts'
import { makeDeliveries } from '../adapters/postgres/events/deliveries.ts'
import { makeDeliveryAudit } from '../adapters/postgres/events/delivery-audit.ts'
import { makeLeases } from '../adapters/postgres/events/leases.ts'
import { makeLedger } from '../adapters/postgres/events/ledger.ts'
import { makeRebases } from '../adapters/postgres/events/rebases.ts'
import { makeReplays } from '../adapters/postgres/events/replays.ts'
import { makeUserSnapshots } from '../adapters/postgres/events/user-snapshots.ts'
import { makeMaintenance } from '../adapters/postgres/operations/maintenance.ts'
import { makeReadSessionState } from '../adapters/postgres/sessions/sessions.ts'
import { makeStores } from '../adapters/postgres/stores.ts'
import { makeTransact } from '../adapters/postgres/transact.ts'
import { makeLog } from '../adapters/telemetry/log.ts'
import { makeMetrics } from '../adapters/telemetry/metrics.ts'
import { makeTrace } from '../adapters/telemetry/trace.ts'
import { makeConfusables } from '../adapters/unicode/confusables.ts'
import { makeRelay } from '../application/events/relay/relay-events.ts'
import { makeRecordLimitSharing } from '../application/limits/record-limit-sharing.ts'
import { shareSessionStates } from '../application/sessions/share-session-states.ts'
import { ok } from '../domain/shared/result.ts'
import { apiSettings } from './api-settings.ts'
import { makeOwnerCommands } from './commands/owner-commands.ts'
import type { Compose } from './composition.ts'
import { openCoordination } from './coordination.ts'
import { followSignals } from './follow-signals.ts'
import { makeInProcessBroker } from './in-process-broker.ts'
import { makeLegs, openBackend, PUBLISH_SECONDS } from './legs.ts'
import { maintenanceTasks } from './maintenance-tasks.ts'
import { makeMetricsText } from './metrics-text.ts'
import { openNatsBroker } from './nats-broker.ts'
import { openDatabase } from './open-database.ts'
import { openLimiter } from './open-limiter.ts'
import { openOAuth } from './open-oauth.ts'
import { openPasswords } from './open-passwords.ts'
import { openTokens } from './open-tokens.ts'
import { prepareSchema, settled } from './prepare-schema.ts'
import { openSync } from './sync.ts'
import { COMPARE_TIMEOUT_MS, openReport } from './sync-reporting.ts'
import { makeUseCases } from './use-cases.ts'

/** Builds everything, innermost first; `stop` takes it down in reverse. */
export const compose: Compose = async ({ config, keyFile, ...ground }) => {
  const trace = makeTrace()
  const log = makeLog({ level: config.logLevel, traceId: trace.traceId })
  const world = { log, clock, pause, monotonic, chance: Math.random }
  const metrics = makeMetrics(clock)
  const { measurements } = metrics

  const coordinated = await openCoordination(config, {
    ...world,
    recordLimitSharing: (areShared) => recordLimitSharing(areShared),
  })
  if (!coordinated.ok) return coordinated
  const { openBudget, signals, oauthStores, sweeps, ...redis } = coordinated.value
  const database = await openDatabase(config, ground.databasePath)
  const broker =
    config.nats === null
      ? makeInProcessBroker(config.mode)
      : openNatsBroker(config, config.nats, {
          ...{ ...world, audit: makeDeliveryAudit(database), sendSeconds: PUBLISH_SECONDS },
          wake: () => relay.wake(),
        })

  const codec = makeUserEventCodec({ source: config.publicUrl, typePrefix: config.eventTypePrefix })
  const backend = openBackend(config, world)
  const givenLegs = makeLegs(config, broker, backend, codec)
  const channels = [...givenLegs.keys()]
  const wakeRelays = () => {
    relay.wake()
    void signals.announce({ kind: 'events-waiting', shards: [] })
  }
  const storesNeeds = { channels, traceId: trace.traceId, onCommitted: wakeRelays }
  const stores = makeStores(database, storesNeeds)
  const recordLimitSharing = makeRecordLimitSharing({
    audit: stores.audit,
    measurements,
    clock,
    log,
  })
  const readState = makeReadSessionState(database)
  const identifiers = makeIdentifiers(trace.current)
  const sync = openSync(config, {
    ...{ ...world, database, broker, backend, legs: givenLegs, stores, identifiers, signals },
    ...{ measurements, wakeRelay: () => relay.wake() },
  })
  const deliveries = makeDeliveries(database, backend && config.sync.backendChannel)
  const ledger = makeLedger(database)
  const relay = makeRelay({
    ...{ channels: sync.senders, deliveries, leases: makeLeases(database), ...world },
    measurements: sync.measurements,
    slowMilliseconds: config.sync.slowPublishMs,
    instance: crypto.randomUUID(),
  })
  followSignals(signals, relay, sync.look)

  const { tokens, macKeys, ...keys } = await openTokens({ ...ground, config }, clock)
  const cache = makeSessionStateCache({ read: readState, mayKeep: signals.isListening })
  const useCases = makeUseCases({
    ...{ stores, transact: makeTransact(database, storesNeeds), ledger, channels },
    ...{ replays: makeReplays(database), wakeRelay: wakeRelays },
    ...{ ...sync, deliveries },
    reportOn: (readStatus) => openReport(config, database, readStatus, COMPARE_TIMEOUT_MS),
    ...{ snapshots: makeUserSnapshots(database), rebases: makeRebases(database, storesNeeds) },
    ...{ ...broker.forConsumers, codec, readPublishedUser, deadLetterCodec: makeDeadLetterCodec() },
    passwords: await openPasswords(metrics.hashVerified),
    ...{ readSessionState: readState, states: shareSessionStates(cache, signals) },
    ...openOAuth(config, oauthStores, { log, clock, monotonic }),
    limiter: openLimiter(config.budgets, macKeys, openBudget, measurements.limited),
    ...{ blocklist: makePasswordBlocklist(), confusables: makeConfusables() },
    ...{ ...tokens, identifiers },
    probes: {
      db: {
        ...{ name: 'db', embedded: config.databaseUrl === null },
        isAvailable: database.isAvailable,
      },
      redis: redis.probe,
      nats: broker.probe,
    },
    ...{ measurements, ...world, lifetimes: config.sessionLifetimes },
    minimumLength: config.passwordMinimum,
    serviceNames: ['auth-service', new URL(config.publicUrl).hostname],
  })

  const migrate = settled(prepareSchema(config, database), sync.settle)
  const runCommand = makeOwnerCommands({
    ...useCases,
    ...{ migrate, schemaState: () => schemaState(database), keyFile },
    replaceSigningKeys: keys.replaceKeys,
    ...{ accessTokenSeconds: config.accessTokenSeconds, isBrokerReachable: broker.isReachable },
    ...{ audit: stores.audit, ledger, streams: broker.provision, pause, clock, log },
  })

  let isReady = false
  const edge = {
    ...{ log, trace, observe: metrics.observeRequest, checkHealth: useCases.checkHealth },
    isReady: () => isReady,
    metricsText: makeMetricsText({ ...sync, metrics, deliveries }),
    settings: apiSettings(config, clock()),
  }
  const { ownerToken } = ground
  return ok({
    log,
    publicApi: makePublicApi({
      ...useCases,
      ...edge,
      jwks: keys.jwks,
      schemas: { v1: schemaV1, v2: schemaV2 },
    }),
    managementApi: makeManagementApi({
      ...edge,
      ...(ownerToken && { commands: { token: ownerToken.reveal(), run: runCommand } }),
    }),
    migrate,
    runCommand,
    scheduledTasks: [
      ...maintenanceTasks(makeMaintenance(database), clock, log),
      ...sweeps,
      ...broker.tasks,
      ...sync.tasks,
    ],
    becomeReady: () => {
      isReady = true
      if (config.role !== 'api') relay.start()
    },
    becomeUnready: () => {
      isReady = false
    },
    stop: async () => {
      await relay.stop()
      await signals.announce({ kind: 'shards-freed' })
      await broker.close()
      await redis.close()
      await database.close()
    },
  })
}

const clock = () => new Date()
const monotonic = () => performance.now()
