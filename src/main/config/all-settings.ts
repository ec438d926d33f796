import { PROVIDERS, settingsOf } from './providers.ts'
import type { Environment, Problem, Setting } from './setting.ts'
import type { SettingKey } from './settings.ts'
import { LIMITS, SETTINGS } from './settings.ts'

export type SettingGroup = readonly Setting<unknown>[]

/** These belong to the one before them, and share its row where the documents show them. */
const CONTINUED: readonly SettingKey[] = [
  'port',
  'managementPort',
  'natsPassword',
  'natsCredentials',
  'jwtAudience',
  'refreshIdleSeconds',
  'refreshAbsoluteSeconds',
  'eventSyncPercent',
  'dualWriteEnabled',
  'syncP95LimitMs',
]

/** As the documents show them: limits beside what switches them off, providers beside where they return to. */
const groups = (): readonly SettingGroup[] => {
  const found: Setting<unknown>[][] = []
  for (const [key, setting] of Object.entries(SETTINGS)) {
    if (CONTINUED.some((continued) => continued === key)) found.at(-1)?.push(setting)
    else found.push([setting])
    if (setting === SETTINGS.rateLimits) found.push(Object.values(LIMITS))
    if (setting === SETTINGS.redirectUris) found.push(...PROVIDERS.map(settingsOf))
  }
  return found
}

export const SETTING_GROUPS = groups()

/** Everything that can be set. */
export const ALL_SETTINGS: SettingGroup = SETTING_GROUPS.flat()

/** Every variable as a Markdown table: what the README shows. Those of one thing share a row. */
export const settingsTable = (): string =>
  ['| variable | default | meaning |', '|---|---|---|', ...SETTING_GROUPS.map(row)].join('\n')

const row = (group: SettingGroup): string =>
  `| ${[
    group.map(names).join(', '),
    joined(
      group.map(({ shownDefault }) => shownDefault),
      ', ',
    ),
    joined(
      group.map(({ meaning }) => meaning),
      '; ',
    ),
  ].join(' | ')} |`

const names = ({ name, secret }: Setting<unknown>): string =>
  secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``

const joined = (texts: readonly string[], by: string): string =>
  texts.join(by).replaceAll('|', '\\|')

const NAMES = ALL_SETTINGS.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))

/** Variables that look like ours and are not: a limit that nobody reads protects nobody. */
export const findUnknownNames = (environment: Environment, problem: Problem): void => {
  for (const name of Object.keys(environment)) {
    if (NAMES.includes(name)) continue
    const meant = NAMES.find((known) => isAlmost(name, known))
    if (meant !== undefined) problem(name, `is unknown; ${meant} is meant, perhaps`)
    else if (/^RATE_?LIMIT/.test(name)) problem(name, 'is unknown')
  }
}

// Short names have innocent neighbours: HOSTS, PORTS, ROLES.
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
