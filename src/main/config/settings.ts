import { USER_EVENT_SUBJECTS } from '../../domain/events/user-event.ts'
import type { Budget, BudgetName } from '../../domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../domain/limits/limits.ts'
import { PASSWORD_MINIMUM_RANGE } from '../../domain/passwords/password.ts'
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
  serverAddress,
  wholeNumber,
  word,
} from './parsers.ts'
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
    'development, test or production',
  ),
  host: plain(
    'HOST',
    host,
    '127.0.0.1 (0.0.0.0 in production)',
    'where the public listener listens',
  ),
  port: plain('PORT', PORT, '3000', 'its port; 0 picks a free one, and the start line tells which'),
  managementHost: plain(
    'MANAGEMENT_HOST',
    host,
    '127.0.0.1',
    'where metrics, health and, with embedded parts, owner commands listen; then loopback only',
  ),
  managementPort: plain('MANAGEMENT_PORT', PORT, '3001', 'its port; 0 picks a free one'),
  publicUrl: plain(
    'PUBLIC_URL',
    origin,
    'http://localhost:PORT',
    'what the outside calls this service by; https in production',
  ),
  databaseUrl: secret(
    'DATABASE_URL',
    serverAddress('postgres:', 'postgresql:'),
    'embedded outside production',
    'PostgreSQL 15 or newer',
  ),
  migrationDatabaseUrl: secret(
    'MIGRATION_DATABASE_URL',
    serverAddress('postgres:', 'postgresql:'),
    'DATABASE_URL',
    'the same database as its owner, for auth migrate',
  ),
  dataDirectory: plain(
    'DATA_DIR',
    folder,
    '.data',
    'where the embedded database and the development keys live; memory: keeps nothing',
  ),
  redisUrl: secret(
    'REDIS_URL',
    serverAddress('redis:', 'rediss:'),
    'in memory outside production',
    'Redis',
  ),
  ...NATS_SETTINGS,
  subjects: plain(
    'USER_EVENTS_SUBJECTS',
    listOf(oneOf(...USER_EVENT_SUBJECTS)),
    'user.events',
    'where user events are published, comma-separated: user.events, user.events.v1, user.events.v2',
  ),
  ...BACKEND_SETTINGS,
  ...SYNC_SETTINGS,
  role: plain(
    'ROLE',
    oneOf('all', 'api', 'relay'),
    'all',
    'what this instance does: answer requests, deliver events, or both',
  ),
  jwtIssuer: plain('JWT_ISSUER', word, 'PUBLIC_URL', 'who access tokens say that they are from'),
  jwtAudience: plain('JWT_AUDIENCE', word, 'auth-service', 'whom access tokens are for'),
  jwtKeys: secret(
    'JWT_KEYS',
    parseSigningKeys,
    'generated under DATA_DIR outside production',
    'JWK set; each key may have a status: next, active (signs) or retired (may be public only)',
  ),
  accessTokenSeconds: plain(
    'ACCESS_TOKEN_SECONDS',
    wholeNumber(60, 3600),
    '600',
    'how long an access token lives',
  ),
  refreshIdleSeconds: plain(
    'REFRESH_IDLE_SECONDS',
    SECONDS(60, 366),
    '1209600',
    'how long a session lives without being used',
  ),
  refreshAbsoluteSeconds: plain(
    'REFRESH_ABSOLUTE_SECONDS',
    SECONDS(60, 366),
    '2592000',
    'how long a session lives at most',
  ),
  refreshKeys: secret(
    'REFRESH_KEY',
    parseRefreshKeys,
    'generated under DATA_DIR outside production',
    'id:secret, comma-separated: the first makes refresh tokens, all verify them',
  ),
  eventTypePrefix: plain(
    'EVENT_TYPE_PREFIX',
    reverseDns,
    'reverse DNS of PUBLIC_URL',
    'what event types begin with',
  ),
  passwordMinimum: plain(
    'PASSWORD_MIN_LENGTH',
    wholeNumber(PASSWORD_MINIMUM_RANGE.least, PASSWORD_MINIMUM_RANGE.most),
    '12',
    'the shortest password, in characters',
  ),
  rateLimits: plain('RATE_LIMITS', oneOf('on', 'off'), 'on', 'off only outside production'),
  redirectUris: REDIRECT_URIS,
  trustedProxyHops: plain(
    'TRUSTED_PROXY_HOPS',
    wholeNumber(0, 10),
    '0',
    'how many proxies in front may say who the client is',
  ),
  corsOrigins: plain(
    'CORS_ORIGINS',
    listOf(origin),
    'none; outside production any port of localhost and 127.0.0.1',
    'browser origins that may call, comma-separated',
  ),
  logLevel: plain(
    'LOG_LEVEL',
    oneOf('debug', 'info', 'warn', 'error'),
    'info',
    'the least that is logged',
  ),
  docs: plain(
    'DOCS',
    flag,
    'true outside production',
    'whether /docs and /openapi.json are served',
  ),
  demo: plain(
    'DEMO',
    flag,
    'true in development',
    'whether the example page, and fake providers where none is set, are served on this machine',
  ),
  shutdownSeconds: plain('SHUTDOWN_SECONDS', wholeNumber(1, 600), '20', 'how long a stop may take'),
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
    'as points/seconds: failed sign-ins on one account from one address',
  ),
  'sign-in-account': limit('sign-in-account', 'on one account'),
  'sign-in-prefix': limit('sign-in-prefix', 'from one address'),
  register: limit('register', 'registrations from one address'),
  'oauth-start': limit('oauth-start', 'sign-ins begun at a provider from one address'),
  'code-exchange': limit('code-exchange', 'code exchanges from one address'),
  refresh: limit('refresh', 'refreshes of one session'),
} as const satisfies Record<BudgetName, Setting<Budget>>
