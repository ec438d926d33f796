import type { Suite } from './suites.ts'
import { SUITES } from './suites.ts'

/** What a suite does in one run. */
export type Load = {
  /** Requests per second. */
  readonly rate: number
  /** The duration without the warm-up. */
  readonly seconds: number
  /** The duration of the warm-up at half the rate. */
  readonly warmUpSeconds: number
  /** How many users are registered before. */
  readonly users: number
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The load of a suite. `RATE`, `DURATION` and `USERS` change it. A duration is written as `90s`, `5m`, `1h` or a number of
 * seconds.
 * @throws Error for a value that is no number or duration above zero, and for `USERS` with a suite whose users do not change.
 */
export const loadOf = (suite: Suite, { RATE, DURATION, USERS }: Variables): Load => {
  const rate = RATE === undefined ? suite.rate : wholeNumber('RATE', RATE)
  if (USERS !== undefined && !suite.usersChange)
    throw new Error(`USERS cannot be set for ${suite.name}. It can be set for: ${CHANGING}`)
  return {
    rate,
    seconds: DURATION === undefined ? suite.seconds : secondsOf(DURATION),
    warmUpSeconds: suite.warmUpSeconds,
    users: USERS === undefined ? suite.users(rate) : wholeNumber('USERS', USERS),
  }
}

const CHANGING = SUITES.filter(({ usersChange }) => usersChange)
  .map(({ name }) => name)
  .join(', ')

const wholeNumber = (name: string, value: string): number => {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`${name} must be a whole number above zero`)
  return Number(value)
}

const secondsOf = (duration: string): number => {
  const [, count = '', unit = 's'] = /^(\d+)(s|m|h)?$/.exec(duration) ?? []
  return wholeNumber('DURATION, without its unit,', count) * SECONDS[unit as keyof typeof SECONDS]
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const

/** The name of the report without its extension: that of the suite, followed by all that is not the suite's default. */
export const reportName = (suite: Suite, { rate, seconds, users }: Load): string =>
  [
    suite.name,
    ...(users === suite.users(rate) ? [] : [`${users}-users`]),
    ...(rate === suite.rate ? [] : [`${rate}-per-second`]),
    ...(seconds === suite.seconds ? [] : [`${seconds}-seconds`]),
  ].join('-')

/** One line for the user before the run. */
export const loadText = ({ name }: Suite, load: Load): string => {
  const { rate, seconds, warmUpSeconds, users } = load
  const warmUp = warmUpSeconds === 0 ? '' : `, after ${warmUpSeconds} s of warm-up at half the rate`
  const registered = users === 0 ? '' : `, with ${users} users`
  return `suite ${name}: ${rate} a second for ${seconds} s${warmUp}${registered}`
}
