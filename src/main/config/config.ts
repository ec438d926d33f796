import manifest from '../../../package.json' with { type: 'json' }
import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { PostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import { shownPostgres } from '../../adapters/postgres/driver/postgres-address.ts'
import type { RedisAddress } from '../../adapters/redis/redis-address.ts'
import type { UserEventSubject } from '../../domain/events/user-event.ts'
import type { BudgetName, Budgets } from '../../domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../domain/limits/limits.ts'
import type { RedirectUris } from '../../domain/oauth/redirect-uri.ts'
import type { SessionLifetimes } from '../../domain/sessions/session.ts'
import type { LogLevel } from '../../ports/driven/shared/log.ts'
import type { IgnoredParameter } from './addresses.ts'
import { ignoredParametersOf } from './addresses.ts'
import { findUnknownNames } from './all-settings.ts'
import type { BackendConfig } from './backend.ts'
import { backendOf } from './backend.ts'
import type { RefreshKey } from './keys.ts'
import type { SyncConfig } from './migration.ts'
import { syncOf } from './migration.ts'
import type { NatsConfig } from './nats.ts'
import { natsOf } from './nats.ts'
import type { PlaintextServer } from './plaintext.ts'
import { plaintextServersOf } from './plaintext.ts'
import type { ProviderConfig } from './providers.ts'
import { readProviders } from './providers.ts'
import { checkTogether } from './rules.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import type { Environment, Problem, ReadFile } from './setting.ts'
import { readSetting } from './setting.ts'
import type { Given, SettingKey } from './settings.ts'
import { defaultOf, LIMITS, SETTINGS } from './settings.ts'

/** The version of the service, as package.json has it. */
export const VERSION: string = manifest.version

/** Where a listener accepts connections. */
export type ListenAddress = { readonly host: string; readonly port: number }

export type Config = {
  readonly mode: 'development' | 'test' | 'production'
  readonly listener: ListenAddress
  readonly management: ListenAddress
  /** An origin, without a slash at its end. */
  readonly publicUrl: string
  /** Null: the database is embedded. */
  readonly databaseUrl: Secret<PostgresAddress> | null
  /** The same database, with the role that owns it. Null: the database is embedded. */
  readonly migrationDatabaseUrl: Secret<PostgresAddress> | null
  /** Null: limits, codes and signals are kept in memory. */
  readonly redisUrl: Secret<RedisAddress> | null
  /** Null: events stay in the process. */
  readonly nats: NatsConfig | null
  /** Parameters of the addresses that have no effect. */
  readonly ignoredParameters: readonly IgnoredParameter[]
  /** Servers beyond this machine that are reached without TLS and that ALLOW_PLAINTEXT does not name. */
  readonly plaintextServers: readonly PlaintextServer[]
  /** Null: Backend is not called over HTTP. */
  readonly backend: BackendConfig | null
  readonly sync: SyncConfig
  readonly subjects: readonly UserEventSubject[]
  readonly role: 'all' | 'api' | 'relay'
  /** A folder, or `memory:`. */
  readonly dataDirectory: string
  readonly jwt: { readonly issuer: string; readonly audience: string }
  /** Null: the keys of the data directory are used. */
  readonly signingKeys: SigningKeys | null
  /** The first makes tokens, all verify. Null: the key of the data directory is used. */
  readonly refreshKeys: readonly RefreshKey[] | null
  readonly accessTokenSeconds: number
  readonly sessionLifetimes: SessionLifetimes
  readonly eventTypePrefix: string
  readonly passwordMinimum: number
  /** Null: nothing is limited. */
  readonly budgets: Budgets | null
  /** The providers that are configured, and where a sign-in through them may return to. */
  readonly providers: readonly ProviderConfig[]
  readonly redirectUris: RedirectUris
  readonly trustedProxyHops: number
  readonly cors: { readonly origins: readonly string[]; readonly anyLoopbackPort: boolean }
  /** `silent` is for commands, which print their own lines only. */
  readonly logLevel: LogLevel | 'silent'
  readonly docs: boolean
  /** Whether the example page and the fake providers are started too. */
  readonly demo: boolean
  readonly shutdownSeconds: number
}

export type ConfigReading = { readonly config: Config } | { readonly problems: readonly string[] }

/**
 * Reads the whole configuration, or lists everything that is wrong with it. Each problem begins with the name of its
 * variable, and none repeats a value.
 */
export const readConfig = (environment: Environment, readFile: ReadFile): ConfigReading => {
  const problems = new Map<string, string>()
  const problem: Problem = (name, complaint) => {
    problems.set(name, problems.get(name) ?? complaint)
  }
  const given = readAll(environment, readFile, problem)
  const budgets = readBudgets(environment, readFile, problem)
  const providers = readProviders(environment, readFile, problem)
  findUnknownNames(environment, problem)
  checkTogether(given, (key) => isMissing(key, given, problems), problem)
  return problems.size > 0
    ? { problems: [...problems].map(([name, complaint]) => `${name} ${complaint}`) }
    : { config: freeze(assemble(given, budgets, providers)) }
}

const isMissing = (
  key: SettingKey,
  given: Given,
  problems: ReadonlyMap<string, string>,
): boolean => {
  const { name } = SETTINGS[key]
  return given[key] === null && !problems.has(name) && !problems.has(`${name}_FILE`)
}

const readAll = (environment: Environment, readFile: ReadFile, problem: Problem): Given => {
  const read = <K extends SettingKey>(key: K) => [
    key,
    readSetting<unknown>(SETTINGS[key], environment, readFile, problem),
  ]
  // The keys are those of the table, and each value comes from the parser of its setting.
  return Object.fromEntries((Object.keys(SETTINGS) as SettingKey[]).map(read)) as Given
}

const readBudgets = (environment: Environment, readFile: ReadFile, problem: Problem): Budgets => {
  const read = (name: BudgetName) =>
    readSetting(LIMITS[name], environment, readFile, problem) ?? DEFAULT_BUDGETS[name]
  return {
    'sign-in-account-prefix': read('sign-in-account-prefix'),
    'sign-in-account': read('sign-in-account'),
    'sign-in-prefix': read('sign-in-prefix'),
    'sign-in-success': read('sign-in-success'),
    register: read('register'),
    confirm: read('confirm'),
    profile: read('profile'),
    username: read('username'),
    'oauth-start': read('oauth-start'),
    'code-exchange': read('code-exchange'),
    refresh: read('refresh'),
  }
}

const assemble = (given: Given, budgets: Budgets, providers: readonly ProviderConfig[]): Config => {
  const mode = given.mode ?? 'development'
  const inProduction = mode === 'production'
  const port = given.port ?? defaultOf('port')
  const publicUrl = given.publicUrl ?? `http://localhost:${port}`
  return {
    mode,
    listener: { host: given.host ?? (inProduction ? '0.0.0.0' : '127.0.0.1'), port },
    management: {
      host: given.managementHost ?? '127.0.0.1',
      port: given.managementPort ?? defaultOf('managementPort'),
    },
    publicUrl,
    databaseUrl: hidden(given.databaseUrl),
    migrationDatabaseUrl: hidden(
      given.databaseUrl && (given.migrationDatabaseUrl ?? given.databaseUrl),
    ),
    redisUrl: hidden(given.redisUrl),
    nats: natsOf(given, inProduction),
    ignoredParameters: ignoredParametersOf(given),
    plaintextServers: plaintextServersOf(given),
    backend: backendOf(given),
    sync: syncOf(given),
    subjects: [...new Set(given.subjects ?? (['user.events'] as const))],
    role: given.role ?? 'all',
    dataDirectory: given.dataDirectory ?? '.data',
    jwt: {
      issuer: given.jwtIssuer ?? publicUrl,
      audience: given.jwtAudience ?? SETTINGS.jwtAudience.shownDefault,
    },
    signingKeys: given.jwtKeys,
    refreshKeys: given.refreshKeys,
    accessTokenSeconds: given.accessTokenSeconds ?? defaultOf('accessTokenSeconds'),
    sessionLifetimes: {
      idleSeconds: given.refreshIdleSeconds ?? defaultOf('refreshIdleSeconds'),
      absoluteSeconds: given.refreshAbsoluteSeconds ?? defaultOf('refreshAbsoluteSeconds'),
    },
    eventTypePrefix: given.eventTypePrefix ?? reverseDnsOf(publicUrl),
    passwordMinimum: given.passwordMinimum ?? defaultOf('passwordMinimum'),
    budgets: given.rateLimits === 'off' ? null : budgets,
    providers,
    redirectUris: given.redirectUris ?? (inProduction ? [] : 'loopback'),
    trustedProxyHops: given.trustedProxyHops ?? 0,
    cors: {
      origins: given.corsOrigins ?? [],
      anyLoopbackPort: given.corsOrigins === null && !inProduction,
    },
    logLevel: given.logLevel ?? 'info',
    docs: given.docs ?? !inProduction,
    demo: given.demo ?? mode === 'development',
    shutdownSeconds: given.shutdownSeconds ?? defaultOf('shutdownSeconds'),
  }
}

const hidden = <T>(value: T | null): Secret<T> | null => (value === null ? null : makeSecret(value))

const reverseDnsOf = (publicUrl: string): string =>
  new URL(publicUrl).hostname
    .replaceAll(/[[\]]/g, '')
    .replaceAll(':', '-')
    .split('.')
    .reverse()
    .join('.')

/** Freezes a value and everything in it, except key objects: they cannot change, and belong to the runtime. */
const freeze = <T extends object>(value: T): T => {
  for (const member of Object.values(value)) if (isPlain(member)) freeze(member)
  return Object.freeze(value)
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)

/** Which database is used, for messages: its host, port and name without user and password, or its folder. */
export const databasePlace = ({
  databaseUrl,
  dataDirectory,
}: Pick<Config, 'databaseUrl' | 'dataDirectory'>): string => {
  return databaseUrl === null ? `in ${dataDirectory}` : `at ${shownPostgres(databaseUrl.reveal())}`
}

/** What runs inside this process because no server is configured for it. */
export const embeddedParts = ({ databaseUrl, redisUrl, nats }: Config): readonly string[] => [
  ...(databaseUrl === null ? ['database'] : []),
  ...(redisUrl === null ? ['limits'] : []),
  ...(nats === null ? ['events'] : []),
]
