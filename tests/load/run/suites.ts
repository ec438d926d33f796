import type { BareMachine } from '../../../bench/measurement/bare-machine.ts'

/** How a suite runs. k6 reads the numbers here too. */
export type Suite = {
  readonly name: string
  /** How many instances of the service are started for it. */
  readonly instances: number
  /** Whether an observer measures the events. */
  readonly observed: boolean
  /** Requests per second, when RATE is not set. */
  readonly rate: number
  /** The duration without the warm-up, when DURATION is not set. */
  readonly seconds: number
  /** How long requests come at half the rate first. Thresholds do not include them. */
  readonly warmUpSeconds: number
  /** How many users are registered before the load. */
  readonly users: (rate: number) => number
  /**
   * Whether the requests change the users in turn, with the access tokens of their registration. Then USERS may set their
   * number, and the run must end before the tokens expire.
   */
  readonly usersChange: boolean
  /** How often one request does each kind of work, on average. A kind that is left out does not count. */
  readonly work: Readonly<Partial<Record<keyof BareMachine, number>>>
}

const REGISTRATION = { hashesPerSecond: 1, changesPerSecond: 1 } as const
const CHANGE = { changesPerSecond: 1 } as const
const REFRESH = { commitsPerSecond: 1 } as const

const BRIEF_WARM_UP = { warmUpSeconds: 5, usersChange: false } as const
/** After 5 s at half the rate, the code of a change is not yet compiled. */
const CHANGES = { warmUpSeconds: 20, usersChange: true, observed: true, work: CHANGE } as const
const NO_WARM_UP = { warmUpSeconds: 0, usersChange: false } as const

/** The rate limit allows 30 refreshes a minute for each session. */
export const sessionsToRefresh = (rate: number): number => Math.max(50, Math.ceil(rate * 2.5))
/** The users of `sign-in` that read their profiles. The others sign in: an account has at most 50 sessions, and the oldest ends. */
export const READERS = 20
/** The users of `soak` that read, change and refresh. As many others only sign in, for the same reason. */
export const SOAK_USERS = 200

export const SUITES: readonly Suite[] = [
  // Each of its requests a second is one of every path: a registration, a sign-in, a deletion and so on.
  {
    name: 'smoke',
    instances: 1,
    observed: true,
    rate: 5,
    seconds: 10,
    users: () => 0,
    work: { hashesPerSecond: 2, changesPerSecond: 2, commitsPerSecond: 3 },
    ...BRIEF_WARM_UP,
  },
  {
    name: 'registrations',
    instances: 1,
    observed: true,
    rate: 100,
    seconds: 60,
    users: () => 0,
    work: REGISTRATION,
    ...BRIEF_WARM_UP,
  },
  { name: 'events', instances: 1, rate: 1000, seconds: 60, users: () => 200, ...CHANGES },
  { name: 'backpressure', instances: 1, rate: 500, seconds: 100, users: () => 200, ...CHANGES },
  { name: 'ordering', instances: 2, rate: 500, seconds: 60, users: () => 20, ...CHANGES },
  // It asks for more than any machine can do, on purpose.
  {
    name: 'sign-in',
    instances: 1,
    observed: false,
    rate: 150,
    seconds: 60,
    users: () => READERS + 200,
    work: {},
    ...NO_WARM_UP,
  },
  {
    name: 'refresh',
    instances: 1,
    observed: false,
    rate: 200,
    seconds: 60,
    users: (rate) => 2 * sessionsToRefresh(rate),
    work: REFRESH,
    ...BRIEF_WARM_UP,
  },
  {
    name: 'soak',
    instances: 1,
    observed: true,
    rate: 100,
    seconds: 1800,
    users: () => 2 * SOAK_USERS,
    work: { hashesPerSecond: 0.1, changesPerSecond: 0.4, commitsPerSecond: 0.2 },
    ...NO_WARM_UP,
  },
]

/** @throws Error with the names of all suites, when there is none with this name. */
export const suiteNamed = (name: string): Suite => {
  const found = SUITES.find((one) => one.name === name)
  if (found === undefined)
    throw new Error(
      `there is no suite ${name}. The suites are: ${SUITES.map((one) => one.name).join(', ')}`,
    )
  return found
}
