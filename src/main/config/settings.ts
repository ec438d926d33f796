import { USER_EVENT_SUBJECTS } from '../../domain/events/user-event.ts'
import type { Budget, BudgetName } from '../../domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../domain/limits/limits.ts'
import { PASSWORD_MINIMUM_RANGE } from '../../domain/passwords/password.ts'
import { postgresAddress, redisAddress } from './addresses.ts'
import { BACKEND_SETTINGS } from './backend.ts'
import { parseRefreshKeys, parseSigningKeys } from './keys.ts'
import { SYNC_SETTINGS } from './migration.ts'
import { NATS_SETTINGS } from './nats.ts'
import {
  budget,
  flag,
  folder,
  host,
  listOf,
  oneOf,
  origin,
  reverseDns,
  wholeNumber,
  word,
} from './parsers.ts'
import { PLAINTEXT_SERVICES } from './plaintext.ts'
import { REDIRECT_URIS } from './providers.ts'
import type { GivenOf, ParsedOf, Setting } from './setting.ts'
import { plain, secret } from './setting.ts'

const PORT = wholeNumber(0, 65_535)
const SECONDS = (least: number, days: number) => wholeNumber(least, days * 86_400)

/** Everything that can be set, in the order that the documents list it. */
export const SETTINGS = {
  mode: plain(
    'NODE_ENV',
    oneOf('development', 'test', 'production'),
    'development',
    '`development`, `test` or `production`. Production refuses embedded parts and generated keys.',
  ),
  host: plain(
    'HOST',
    host,
    '127.0.0.1 (0.0.0.0 in production)',
    'Address that the public listener binds to.',
  ),
  port: plain(
    'PORT',
    PORT,
    '3000',
    'Port of the public listener. 0 takes a free port; the start line shows which.',
  ),
  managementHost: plain(
    'MANAGEMENT_HOST',
    host,
    '127.0.0.1',
    'Address that the management listener binds to: metrics, health, and owner commands with embedded parts. Embedded parts allow loopback only.',
  ),
  managementPort: plain(
    'MANAGEMENT_PORT',
    PORT,
    '3001',
    'Port of the management listener. 0 takes a free port.',
  ),
  publicUrl: plain(
    'PUBLIC_URL',
    origin,
    'http://localhost:PORT',
    'Address of this service as clients see it. Production requires https.',
  ),
  databaseUrl: secret(
    'DATABASE_URL',
    postgresAddress,
    'embedded outside production',
    'Address of PostgreSQL 15 or newer, in the form that libpq and `psql` read.',
  ),
  migrationDatabaseUrl: secret(
    'MIGRATION_DATABASE_URL',
    postgresAddress,
    'DATABASE_URL',
    'Address of the same database with the role that owns the tables. `auth migrate` uses it.',
  ),
  dataDirectory: plain(
    'DATA_DIR',
    folder,
    '.data',
    'Folder of the embedded database and the development keys. `memory:` stores nothing.',
  ),
  redisUrl: secret(
    'REDIS_URL',
    redisAddress,
    'in memory outside production',
    'Address of Redis: `redis://`, `rediss://` with TLS, or `unix:///path`.',
  ),
  ...NATS_SETTINGS,
  allowPlaintext: plain(
    'ALLOW_PLAINTEXT',
    listOf(oneOf(...PLAINTEXT_SERVICES)),
    'none',
    'Servers that are reached without TLS through a private network, comma-separated: `postgres`, `redis`, `nats`. In production every other such server beyond loopback is a warning at the start, and `auth doctor` fails.',
  ),
  subjects: plain(
    'USER_EVENTS_SUBJECTS',
    listOf(oneOf(...USER_EVENT_SUBJECTS)),
    'user.events',
    'Subjects that user events are published on, comma-separated: `user.events`, `user.events.v1`, `user.events.v2`.',
  ),
  ...BACKEND_SETTINGS,
  ...SYNC_SETTINGS,
  role: plain(
    'ROLE',
    oneOf('all', 'api', 'relay'),
    'all',
    'What this instance does: `api` answers requests, `relay` delivers events, `all` does both.',
  ),
  jwtIssuer: plain('JWT_ISSUER', word, 'PUBLIC_URL', 'Issuer of access tokens (`iss`).'),
  jwtAudience: plain('JWT_AUDIENCE', word, 'auth-service', 'Audience of access tokens (`aud`).'),
  jwtKeys: secret(
    'JWT_KEYS',
    parseSigningKeys,
    'generated under DATA_DIR outside production',
    'JWK set with the signing keys. A key may have a status: `next`, `active` (signs) or `retired` (may lack its private part).',
  ),
  accessTokenSeconds: plain(
    'ACCESS_TOKEN_SECONDS',
    wholeNumber(60, 3600),
    '600',
    'Lifetime of an access token, in seconds.',
  ),
  refreshIdleSeconds: plain(
    'REFRESH_IDLE_SECONDS',
    SECONDS(60, 366),
    '1209600',
    'A session ends after this many seconds without a refresh.',
  ),
  refreshAbsoluteSeconds: plain(
    'REFRESH_ABSOLUTE_SECONDS',
    SECONDS(60, 366),
    '2592000',
    'Longest life of a session, in seconds.',
  ),
  refreshKeys: secret(
    'REFRESH_KEY',
    parseRefreshKeys,
    'generated under DATA_DIR outside production',
    'Keys of refresh tokens as `id:secret`, comma-separated. The first key makes tokens, all keys verify them.',
  ),
  eventTypePrefix: plain(
    'EVENT_TYPE_PREFIX',
    reverseDns,
    'reverse DNS of PUBLIC_URL',
    'Prefix of event types.',
  ),
  passwordMinimum: plain(
    'PASSWORD_MIN_LENGTH',
    wholeNumber(PASSWORD_MINIMUM_RANGE.least, PASSWORD_MINIMUM_RANGE.most),
    '12',
    'Shortest password that is accepted, in characters.',
  ),
  rateLimits: plain(
    'RATE_LIMITS',
    oneOf('on', 'off'),
    'on',
    '`off` switches rate limits off. Production requires `on`.',
  ),
  redirectUris: REDIRECT_URIS,
  trustedProxyHops: plain(
    'TRUSTED_PROXY_HOPS',
    wholeNumber(0, 10),
    '0 outside production; production requires it',
    'Number of trusted reverse proxies (X-Forwarded-For hops). With 0 the client is whoever connects.',
  ),
  corsOrigins: plain(
    'CORS_ORIGINS',
    listOf(origin),
    'none; outside production any port of localhost and 127.0.0.1',
    'Origins whose pages may call this API from a browser (CORS), comma-separated.',
  ),
  logLevel: plain(
    'LOG_LEVEL',
    oneOf('debug', 'info', 'warn', 'error'),
    'info',
    'Lowest level that is logged: `debug`, `info`, `warn` or `error`.',
  ),
  docs: plain(
    'DOCS',
    flag,
    'true outside production',
    'Whether `/docs` and `/openapi.json` are served.',
  ),
  demo: plain(
    'DEMO',
    flag,
    'true in development',
    'Whether the example page is served, with fake providers for those that are not set.',
  ),
  shutdownSeconds: plain(
    'SHUTDOWN_SECONDS',
    wholeNumber(1, 600),
    '20',
    'Longest time that a stop may take, in seconds.',
  ),
} as const

type Table = typeof SETTINGS
export type SettingKey = keyof Table

/** What was given, parsed; null where nothing was. */
export type Given = GivenOf<Table>

type NumericKey = { [K in SettingKey]: ParsedOf<Table[K]> extends number ? K : never }[SettingKey]

/** The default of a number, which the documents say exactly as it is. */
export const defaultOf = (key: NumericKey): number => Number(SETTINGS[key].shownDefault)

const limit = (name: BudgetName, meaning: string): Setting<Budget> => {
  const { points, seconds } = DEFAULT_BUDGETS[name]
  const variable = `RATE_LIMIT_${name.toUpperCase().replaceAll('-', '_')}`
  return plain(variable, budget, `${points}/${seconds}`, meaning)
}

/** One variable for each budget. */
export const LIMITS = {
  'sign-in-account-prefix': limit(
    'sign-in-account-prefix',
    'Failed sign-ins on one account from one client address, as attempts/seconds.',
  ),
  'sign-in-account': limit(
    'sign-in-account',
    'Failed sign-ins on one account from all addresses, as attempts/seconds.',
  ),
  'sign-in-prefix': limit(
    'sign-in-prefix',
    'Failed sign-ins from one client address on all accounts, as attempts/seconds.',
  ),
  'sign-in-success': limit(
    'sign-in-success',
    'Right passwords: sign-ins to one account from one client address, or confirmations in one session, as attempts/seconds.',
  ),
  register: limit('register', 'Registrations from one client address, as attempts/seconds.'),
  confirm: limit('confirm', 'Password confirmations in one session, as attempts/seconds.'),
  profile: limit('profile', 'Changes of the profile of one account, as attempts/seconds.'),
  username: limit('username', 'Changes of the username of one account, as attempts/seconds.'),
  'oauth-start': limit(
    'oauth-start',
    'Sign-ins through a provider that one client address starts, as attempts/seconds.',
  ),
  'code-exchange': limit(
    'code-exchange',
    'Code exchanges from one client address, as attempts/seconds.',
  ),
  refresh: limit('refresh', 'Refreshes of one session, as attempts/seconds.'),
} as const satisfies Record<BudgetName, Setting<Budget>>
