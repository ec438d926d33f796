import { PROVIDERS, settingsOf } from './providers.ts'
import type { Environment, Problem, Setting } from './setting.ts'
import { LIMITS, SETTINGS } from './settings.ts'

type Section = { readonly title: string; readonly settings: readonly Setting<unknown>[] }

const {
  databaseUrl,
  migrationDatabaseUrl,
  dataDirectory,
  redisUrl,
  natsUrl,
  publicUrl,
  jwtKeys,
  refreshKeys,
  trustedProxyHops,
  corsOrigins,
} = SETTINGS

/** The settings that an operator meets first, in the order of the README. */
const FIRST: readonly Setting<unknown>[] = [
  publicUrl,
  databaseUrl,
  redisUrl,
  natsUrl,
  SETTINGS.natsProvision,
  jwtKeys,
  refreshKeys,
  trustedProxyHops,
  corsOrigins,
  SETTINGS.backendSyncUrl,
]

/** Everything that can be set, as docs/configuration.md shows it. */
const SECTIONS: readonly Section[] = [
  {
    title: 'The instance',
    settings: [
      SETTINGS.mode,
      SETTINGS.host,
      SETTINGS.port,
      SETTINGS.managementHost,
      SETTINGS.managementPort,
      publicUrl,
      SETTINGS.role,
      SETTINGS.logLevel,
      SETTINGS.docs,
      SETTINGS.demo,
      SETTINGS.shutdownSeconds,
    ],
  },
  {
    title: 'PostgreSQL and Redis',
    settings: [databaseUrl, migrationDatabaseUrl, dataDirectory, redisUrl, SETTINGS.allowPlaintext],
  },
  {
    title: 'NATS and events',
    settings: [
      natsUrl,
      SETTINGS.natsUser,
      SETTINGS.natsPassword,
      SETTINGS.natsToken,
      SETTINGS.natsCredentials,
      SETTINGS.natsTls,
      SETTINGS.natsReplicas,
      SETTINGS.natsProvision,
      SETTINGS.subjects,
      SETTINGS.eventTypePrefix,
      SETTINGS.slowPublishMs,
    ],
  },
  {
    title: 'Backend, and moving from HTTP calls to events',
    settings: [
      SETTINGS.backendSyncUrl,
      SETTINGS.backendSyncSecrets,
      SETTINGS.backendDigestUrl,
      SETTINGS.backendEventSubject,
      SETTINGS.useEventSync,
      SETTINGS.eventSyncPercent,
      SETTINGS.dualWriteEnabled,
      SETTINGS.syncGuard,
      SETTINGS.syncP95LimitMs,
    ],
  },
  {
    title: 'Tokens, sessions and passwords',
    settings: [
      SETTINGS.jwtIssuer,
      SETTINGS.jwtAudience,
      jwtKeys,
      SETTINGS.accessTokenSeconds,
      refreshKeys,
      SETTINGS.refreshIdleSeconds,
      SETTINGS.refreshAbsoluteSeconds,
      SETTINGS.passwordMinimum,
    ],
  },
  {
    title: 'Proxies, browsers and rate limits',
    settings: [trustedProxyHops, corsOrigins, SETTINGS.rateLimits, ...Object.values(LIMITS)],
  },
  {
    title: 'Sign-in through providers',
    settings: [SETTINGS.redirectUris, ...PROVIDERS.flatMap(settingsOf)],
  },
]

/** Everything that can be set. */
export const ALL_SETTINGS: readonly Setting<unknown>[] = SECTIONS.flatMap(
  ({ settings }) => settings,
)

/** The settings that matter first as a Markdown table, one row for each variable. README.md shows it. */
export const firstSettingsTable = (): string => table(FIRST)

/** Every setting as Markdown tables, one row for each variable. docs/configuration.md shows them. */
export const settingsTables = (): string =>
  SECTIONS.map(({ title, settings }) => `## ${title}\n\n${table(settings)}`).join('\n\n')

const table = (settings: readonly Setting<unknown>[]): string =>
  ['| variable | default | meaning |', '|---|---|---|', ...settings.map(row)].join('\n')

const row = ({ name, secret, shownDefault, meaning }: Setting<unknown>): string => {
  const variable = secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``
  return `| ${[variable, shownDefault, meaning].map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}

const NAMES = ALL_SETTINGS.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))

/** Reports variables whose names are almost those of settings: a misspelt limit would protect nothing. */
export const findUnknownNames = (environment: Environment, problem: Problem): void => {
  for (const name of Object.keys(environment)) {
    if (NAMES.includes(name)) continue
    const meant = NAMES.find((known) => isAlmost(name, known))
    if (meant !== undefined) problem(name, `is unknown. Did you mean ${meant}?`)
    else if (/^RATE_?LIMIT/.test(name)) problem(name, 'is unknown')
  }
}

// Shorter names are too close to variables of other programs: HOSTS, PORTS, ROLES.
const SHORTEST = 7

/** One slip apart: a letter too many, too few, wrong, or a case or an underscore of difference. */
const isAlmost = (name: string, known: string): boolean =>
  known.length >= SHORTEST && (letters(name) === letters(known) || isOneSlipApart(name, known))

const letters = (name: string): string => name.toUpperCase().replaceAll(/[_-]/g, '')

const isOneSlipApart = (one: string, other: string): boolean => {
  if (Math.abs(one.length - other.length) > 1) return false
  let start = 0
  while (start < one.length && one[start] === other[start]) start += 1
  let end = 0
  while (
    end < Math.min(one.length, other.length) - start &&
    one.at(-1 - end) === other.at(-1 - end)
  )
    end += 1
  return Math.max(one.length, other.length) - start - end <= 1
}
