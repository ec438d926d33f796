import { availableParallelism } from 'node:os'
import schemaV1 from '../../contracts/user-events/v1.schema.json' with { type: 'json' }
import { makeUserEventCodec } from '../adapters/codec/make-user-event-codec.ts'
import { ARGON2_PARAMETERS } from '../adapters/crypto/argon2-parameters.ts'
import { makeAccessTokens } from '../adapters/crypto/make-access-tokens.ts'
import { makeArgon2Passwords } from '../adapters/crypto/make-argon2-passwords.ts'
import { makeMacs } from '../adapters/crypto/make-macs.ts'
import { makeRefreshTokens } from '../adapters/crypto/make-refresh-tokens.ts'
import { makeManagementApi } from '../adapters/http/management-api.ts'
import { makePublicApi } from '../adapters/http/public-api.ts'
import { makeInProcessPublisher } from '../adapters/memory/make-in-process-publisher.ts'
import { makeSessionStateCache } from '../adapters/memory/make-session-state-cache.ts'
import { makePasswordBlocklist } from '../adapters/passwords/make-password-blocklist.ts'
import { makeIdentifiers } from '../adapters/platform/identifiers.ts'
import { pause } from '../adapters/platform/pause.ts'
import { makeDeliveries } from '../adapters/postgres/deliveries.ts'
import { makeLeases } from '../adapters/postgres/leases.ts'
import { makeLedger } from '../adapters/postgres/ledger.ts'
import { makeMaintenance } from '../adapters/postgres/maintenance.ts'
import { schemaState } from '../adapters/postgres/migrate.ts'
import { openPglite } from '../adapters/postgres/open-pglite.ts'
import { readSessionState } from '../adapters/postgres/read-session-state.ts'
import { makeStores } from '../adapters/postgres/stores.ts'
import { makeTransact } from '../adapters/postgres/transact.ts'
import { makeLog } from '../adapters/telemetry/make-log.ts'
import { makeMetrics } from '../adapters/telemetry/make-metrics.ts'
import { makeTrace } from '../adapters/telemetry/make-trace.ts'
import { makeLookalikes } from '../adapters/unicode/make-lookalikes.ts'
import { makeRelay } from '../application/relay/relay-events.ts'
import { makeSubjectLeg } from '../application/relay/subject-leg.ts'
import { channelOf } from '../domain/user-event.ts'
import { apiSettings } from './api-settings.ts'
import { makeOwnerCommands } from './commands/owner-commands.ts'
import type { Compose } from './composition.ts'
import { openAccessTokens } from './live-access-tokens.ts'
import { maintenanceTasks } from './maintenance-tasks.ts'
import { makeMetricsText } from './metrics-text.ts'
import { migrateUnlessNewer } from './migrate-unless-newer.ts'
import { openLimiter } from './open-limiter.ts'
import { printEvent } from './sample-consumer.ts'
import { makeUseCases } from './use-cases.ts'

/** The longest that sending one event may take; well under a lease less its renewal. */
const SEND_SECONDS = 3

/** Builds everything, innermost first; `stop` takes it down in reverse. */
export const compose: Compose = async ({ config, keyFile, ...ground }) => {
  const clock = () => new Date()
  const trace = makeTrace()
  const log = makeLog({ level: config.logLevel, traceId: trace.traceId })
  const metrics = makeMetrics(clock)
  const { measurements } = metrics

  const subjects = ['user.events'] as const
  const database = await openPglite(ground.databasePath)
  const channels = subjects.map(channelOf)
  const storesNeeds = {
    channels,
    traceId: trace.traceId,
    onCommitted: () => relay.wake(),
  }
  const stores = makeStores(database, storesNeeds)
  const transact = makeTransact(database, storesNeeds)
  const readState = readSessionState(database)
  const deliveries = makeDeliveries(database)

  const publisher = makeInProcessPublisher({
    onMessage: config.mode === 'development' ? printEvent : () => {},
    onDropped: () => {},
  })
  const codec = makeUserEventCodec({ source: config.publicUrl, typePrefix: config.eventTypePrefix })
  const legNeeds = { publisher, codec, isConnected: () => true }
  const relay = makeRelay({
    channels: new Map(
      subjects.map((subject) => [channelOf(subject), makeSubjectLeg(legNeeds, subject)]),
    ),
    leases: makeLeases(database),
    instance: crypto.randomUUID(),
    sendSeconds: SEND_SECONDS,
    monotonic: () => performance.now(),
    ...{ deliveries, measurements, log, clock, pause, chance: Math.random },
  })

  const keys = await openAccessTokens(ground.signingKeys, (signingKeys) =>
    makeAccessTokens({
      keys: signingKeys,
      ...config.jwt,
      lifetimeSeconds: config.accessTokenSeconds,
      clock,
    }),
  )
  const macKeys = ground.refreshKeys.map(({ id, secret }) => ({
    id,
    secret: new TextEncoder().encode(secret.reveal()),
  }))
  const useCases = makeUseCases({
    ...{ stores, transact, readSessionState: readState, ledger: makeLedger(database) },
    states: makeSessionStateCache({ read: readState }),
    limiter: openLimiter(config.budgets, macKeys, measurements.limited),
    passwords: await makeArgon2Passwords({
      parameters: ARGON2_PARAMETERS,
      inFlight: availableParallelism(),
      onVerified: metrics.hashVerified,
    }),
    blocklist: makePasswordBlocklist(),
    lookalikes: makeLookalikes(),
    accessTokens: keys.accessTokens,
    refreshTokens: makeRefreshTokens(macKeys),
    identifiers: makeIdentifiers(trace.current),
    macs: makeMacs(macKeys),
    probes: {
      db: { name: 'db', embedded: true, isAvailable: database.isAvailable },
      redis: { name: 'redis', embedded: true, isAvailable: async () => true },
      nats: { name: 'nats', embedded: true, isAvailable: async () => true },
    },
    ...{ log, measurements, clock, lifetimes: config.sessionLifetimes },
    minimumLength: config.passwordMinimum,
    serviceNames: ['auth-service', new URL(config.publicUrl).hostname],
  })

  const migrate = migrateUnlessNewer(database)
  const runCommand = makeOwnerCommands({
    createAdmin: useCases.createAdmin,
    migrate,
    schemaState: () => schemaState(database),
    keyFile,
    replaceSigningKeys: keys.replaceKeys,
    accessTokenSeconds: config.accessTokenSeconds,
    ...{ audit: stores.audit, clock, log },
  })

  let isReady = false
  const edge = {
    ...{ log, trace, observe: metrics.observeRequest, checkHealth: useCases.checkHealth },
    isReady: () => isReady,
    metricsText: makeMetricsText(metrics, deliveries, channels),
    settings: apiSettings(config, clock()),
  }
  const { ownerToken } = ground
  return {
    log,
    publicApi: makePublicApi({ ...useCases, ...edge, jwks: keys.jwks, schemas: { v1: schemaV1 } }),
    managementApi: makeManagementApi({
      ...edge,
      ...(ownerToken && { commands: { token: ownerToken.reveal(), run: runCommand } }),
    }),
    migrate,
    runCommand,
    scheduledTasks: maintenanceTasks(makeMaintenance(database), clock, log),
    becomeReady: () => {
      isReady = true
      relay.start()
    },
    becomeUnready: () => {
      isReady = false
    },
    stop: async () => {
      await relay.stop()
      await publisher.close()
      await database.close()
    },
  }
}
