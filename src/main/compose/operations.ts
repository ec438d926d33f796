import schemaV1 from '../../../contracts/user-events/v1.schema.json' with { type: 'json' }
import schemaV2 from '../../../contracts/user-events/v2.schema.json' with { type: 'json' }
import { makeOwnerCommands } from '../../adapters/cli/owner-commands.ts'
import { makeManagementApi } from '../../adapters/http/management-api.ts'
import type { PublicApiSettings, UseCases } from '../../adapters/http/public-api.ts'
import { makePublicApi } from '../../adapters/http/public-api.ts'
import { schemaState } from '../../adapters/postgres/driver/migrate.ts'
import { makeMaintenance } from '../../adapters/postgres/operations/maintenance.ts'
import { makeMetricsText } from '../../adapters/telemetry/metrics-text.ts'
import { makeCheckHealth } from '../../application/operations/check-health.ts'
import {
  makeRetireSigningKeys,
  makeRotateSigningKeys,
} from '../../application/sessions/change-signing-keys.ts'
import type { Maintenance } from '../../ports/driven/operations/maintenance.ts'
import type { ScheduledTask } from '../../ports/driven/operations/scheduled-task.ts'
import type { Clock, Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { RunOwnerCommand } from '../../ports/driving/operations/owner-commands.ts'
import type { Config } from '../config/config.ts'
import { VERSION } from '../config/config.ts'
import type { Secret } from '../config/secret.ts'
import type { Composition } from '../lifecycle/composition.ts'
import type { AdministrationRoom } from './administration.ts'
import type { ComposedRelay, EventsRoom } from './events.ts'
import type { MigrationRoom } from './migration.ts'
import { prepareSchema, thenAdopt } from './prepare-schema.ts'
import type { Resources } from './resources/open-resources.ts'
import type { Tokens } from './resources/open-tokens.ts'

export type OperationsNeeds = {
  readonly resources: Pick<
    Resources,
    | 'config'
    | 'database'
    | 'stores'
    | 'sharedMemory'
    | 'broker'
    | 'trace'
    | 'metrics'
    | 'log'
    | 'clock'
    | 'monotonic'
    | 'pause'
  >
  readonly tokens: Pick<Tokens, 'jwks' | 'ownKeys'>
  readonly ownerToken: Secret | null
  readonly migration: MigrationRoom
  readonly events: EventsRoom
  readonly administration: AdministrationRoom
  readonly relay: ComposedRelay
  /** The use cases of the public routes, without those of the rooms named above. */
  readonly useCases: Omit<UseCases, keyof MigrationRoom | keyof EventsRoom | 'checkHealth'>
}

/** The listeners, the owner's commands and the scheduled tasks: everything that the lifecycle starts and stops. */
export const composeOperations = ({
  resources,
  tokens,
  ownerToken,
  migration,
  events,
  administration,
  relay,
  useCases,
}: OperationsNeeds): Omit<Composition, 'stop'> => {
  const { config, database, stores, sharedMemory, broker, metrics, log, clock, monotonic, pause } =
    resources
  const migrate = thenAdopt(prepareSchema(config, database), migration.adoptMode)
  const keyNeeds = { ownKeys: tokens.ownKeys, audit: stores.audit, clock }
  const { accessTokenSeconds } = config
  const runOwnerCommand = makeOwnerCommands({
    ...administration,
    ...events,
    ...migration,
    migrate,
    readSchemaState: () => schemaState(database),
    rotateSigningKeys: makeRotateSigningKeys(keyNeeds),
    retireSigningKeys: makeRetireSigningKeys({ ...keyNeeds, accessTokenSeconds }),
    isBrokerReachable: broker.isReachable,
    streams: broker.provision,
    provideConsumer: broker.provideConsumer,
    pause,
    log,
  })

  const runCommand: RunOwnerCommand = (name, input) => {
    if (!ON_DATABASE_ALONE.has(name)) broker.connect()
    return runOwnerCommand(name, input)
  }

  let isReady = false
  const edge = {
    log,
    trace: resources.trace,
    observe: metrics.observeRequest,
    checkHealth: makeCheckHealth({
      db: {
        name: 'db',
        embedded: config.databaseUrl === null,
        isAvailable: database.isAvailable,
      },
      redis: sharedMemory.probe,
      nats: broker.probe,
    }),
    isReady: () => isReady,
    metricsText: makeMetricsText({
      metrics,
      deliveries: migration.deliveries,
      senders: migration.senders,
      consumerReports: migration.consumerReports,
      streamReports: broker.reports,
    }),
    settings: apiSettings(config, monotonic),
  }
  const forwarding = makeForwardingNotice(log)
  return {
    log,
    publicApi: makePublicApi({
      ...useCases,
      ...events,
      ...migration,
      ...edge,
      forwardingIgnored: forwarding.ignored,
      jwks: tokens.jwks,
      schemas: { v1: schemaV1, v2: schemaV2 },
    }),
    managementApi: makeManagementApi({
      ...edge,
      warnings: forwarding.warnings,
      ...(ownerToken && { commands: { token: ownerToken.reveal(), run: runCommand } }),
    }),
    migrate,
    runCommand,
    scheduledTasks: [
      ...maintenanceTasks(makeMaintenance(database), clock, log),
      ...sharedMemory.tasks,
      ...broker.tasks,
      ...migration.tasks,
    ],
    becomeReady: () => {
      isReady = true
      broker.connect()
      if (config.role !== 'api') relay.start()
    },
    becomeUnready: () => {
      isReady = false
    },
  }
}

/** Commands that need no connection to the broker. It may not exist yet when they run. */
const ON_DATABASE_ALONE: ReadonlySet<string> = new Set(['migrate', 'schema'])

/**
 * Remembers that a header of a proxy came although no proxy is trusted, and warns once. All clients behind such a proxy
 * would share one set of rate limits. A client can send the header itself, so this may be a false alarm.
 */
const makeForwardingNotice = (log: Log) => {
  let hasArrived = false
  return {
    ignored: (): void => {
      if (hasArrived) return
      hasArrived = true
      log('warn', 'proxy.headers-ignored', { setting: 'TRUSTED_PROXY_HOPS' })
    },
    warnings: (): readonly string[] =>
      hasArrived
        ? [
            'a forwarding header arrived while TRUSTED_PROXY_HOPS is 0; set it when a proxy stands in front of the service',
          ]
        : [],
  }
}

/** The part of the configuration that the routes depend on. */
const apiSettings = (config: Config, monotonic: Monotonic): PublicApiSettings => {
  const startedAt = monotonic()
  return {
    production: config.mode === 'production',
    publicUrl: config.publicUrl,
    redirectUris: config.redirectUris,
    issuer: config.jwt.issuer,
    docs: config.docs,
    trustedProxyHops: config.trustedProxyHops,
    corsOrigins: config.cors.anyLoopbackPort ? 'loopback' : config.cors.origins,
    version: VERSION,
    uptimeSeconds: () => (monotonic() - startedAt) / 1000,
    metrics: config.mode === 'production' ? 'management' : 'public',
  }
}

const HOUR = 3600
const QUARTER = 900

/** What is cleaned up, and how often. Partitions are made a week ahead, so that hours of failure do no harm. */
const maintenanceTasks = (
  maintenance: Maintenance,
  clock: Clock,
  log: Log,
): readonly ScheduledTask[] => {
  const counted = (name: string, remove: (now: Date) => Promise<number>): ScheduledTask => ({
    name,
    everySeconds: QUARTER,
    run: async () => {
      const removed = await remove(clock())
      if (removed > 0) log('info', 'maintenance.done', { task: name, removed })
    },
  })
  return [
    {
      name: 'ledger-partitions',
      everySeconds: HOUR,
      run: () => maintenance.keepPartitions(clock()),
    },
    counted('dead-sessions', maintenance.removeDeadSessions),
    counted('idempotency-keys', maintenance.removeIdempotencyKeys),
  ]
}
