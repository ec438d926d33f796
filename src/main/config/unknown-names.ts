import type { Environment, Problem } from './read-settings.ts'
import { ALL_SETTINGS } from './setting-groups.ts'

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
