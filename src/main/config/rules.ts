import { checkSync } from './migration.ts'
import { isLoopback } from './plaintext.ts'
import type { Problem } from './setting.ts'
import type { Given, SettingKey } from './settings.ts'
import { defaultOf, SETTINGS } from './settings.ts'

const SERVERS = ['databaseUrl', 'redisUrl', 'natsUrl'] as const satisfies readonly SettingKey[]
const KEYS = ['jwtKeys', 'refreshKeys'] as const satisfies readonly SettingKey[]

const BACKEND = ['backendSyncUrl', 'backendDigestUrl'] as const satisfies readonly SettingKey[]

/** Checks what single values cannot show: whether they fit each other and the mode. */
export const checkTogether = (
  given: Given,
  isMissing: (key: SettingKey) => boolean,
  problem: Problem,
): void => {
  checkLifetimes(given, problem)
  if (given.mode === 'production') checkProduction(given, isMissing, problem)
  else if (given.databaseUrl === null && !isLoopback(given.managementHost ?? '127.0.0.1'))
    problem('MANAGEMENT_HOST', 'must be a loopback address while the database is embedded')
  checkNatsAccess(given, problem)
  for (const key of BACKEND)
    if (given[key] !== null && isMissing('backendSyncSecrets'))
      problem('BACKEND_SYNC_SECRET', `is required with ${SETTINGS[key].name}`)
  checkSync(given, !isMissing('backendSyncUrl'), problem)
}

const checkNatsAccess = (given: Given, problem: Problem): void => {
  const { natsCredentials, natsToken, natsUser, natsPassword } = given
  if (natsCredentials !== null && natsUser !== null)
    problem('NATS_CREDS', 'cannot be given together with NATS_USER')
  if (natsToken !== null && (natsUser ?? natsCredentials) !== null)
    problem('NATS_TOKEN', 'cannot be given together with NATS_USER or NATS_CREDS')
  if ((natsUser === null) !== (natsPassword === null))
    problem('NATS_PASSWORD', 'and NATS_USER must be given together')
}

const checkLifetimes = (given: Given, problem: Problem): void => {
  const idle = given.refreshIdleSeconds ?? defaultOf('refreshIdleSeconds')
  const absolute = given.refreshAbsoluteSeconds ?? defaultOf('refreshAbsoluteSeconds')
  if (idle > absolute)
    problem('REFRESH_IDLE_SECONDS', 'must not be longer than REFRESH_ABSOLUTE_SECONDS')
}

const checkProduction = (
  given: Given,
  isMissing: (key: SettingKey) => boolean,
  problem: Problem,
): void => {
  for (const key of [...SERVERS, ...KEYS, 'publicUrl'] as const)
    if (isMissing(key)) problem(SETTINGS[key].name, 'is required in production')
  // Behind a proxy that is not counted, everybody is one client: the failures of one stranger would lock all out.
  if (isMissing('trustedProxyHops'))
    problem(
      SETTINGS.trustedProxyHops.name,
      'is required in production; 0 when clients connect without a proxy',
    )
  if (given.publicUrl?.startsWith('http:')) problem('PUBLIC_URL', 'must be https in production')
  if (given.corsOrigins?.some((origin) => origin.startsWith('http:')))
    problem('CORS_ORIGINS', 'must be https in production')
  for (const key of BACKEND)
    if (given[key] !== null && !isPrivate(new URL(given[key])))
      problem(SETTINGS[key].name, 'must be https in production, or lead to this machine')
  if (given.redirectUris?.some((uri) => uri.startsWith('http:') && !isLoopbackAddress(uri)))
    problem('OAUTH_REDIRECT_URIS', 'must be https in production; http is for 127.0.0.1 and [::1]')
  if (given.rateLimits === 'off') problem('RATE_LIMITS', 'cannot be off in production')
  if (given.demo === true) problem('DEMO', 'cannot be true in production')
  if (given.logLevel === 'debug') problem('LOG_LEVEL', 'cannot be debug in production')
}

/** Whether nothing on the way can read a request: it is encrypted, or goes to a proxy on this machine that encrypts it. */
const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || isLoopback(hostname.replaceAll(/[[\]]/g, ''))
// By its number only: the hosts file decides what localhost means.
const isLoopbackAddress = (uri: string): boolean =>
  ['127.0.0.1', '[::1]'].includes(new URL(uri).hostname)
