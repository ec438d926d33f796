import type { BareMachine } from '../../../bench/measurement/bare-machine.ts'

/** How a suite runs when everything is started for it. */
export type Suite = {
  readonly name: string
  /** How many instances of the service run. */
  readonly instances: number
  /** Whether an observer measures the events. */
  readonly observed: boolean
  /** Requests per second, when RATE is not set. The script of the suite has the same number. */
  readonly rate: number
  /** How often one request does each kind of work, on average. A kind that is left out does not count. */
  readonly work: Readonly<Partial<Record<keyof BareMachine, number>>>
}

const REGISTRATION = { hashesPerSecond: 1, changesPerSecond: 1 } as const
const CHANGE = { changesPerSecond: 1 } as const
const REFRESH = { commitsPerSecond: 1 } as const

export const SUITES: readonly Suite[] = [
  // Each of its requests a second is one of every path: a registration, a sign-in, a deletion and so on.
  {
    name: 'smoke',
    instances: 1,
    observed: true,
    rate: 5,
    work: { hashesPerSecond: 2, changesPerSecond: 2, commitsPerSecond: 3 },
  },
  { name: 'registrations', instances: 1, observed: true, rate: 100, work: REGISTRATION },
  { name: 'events', instances: 1, observed: true, rate: 1000, work: CHANGE },
  { name: 'backpressure', instances: 1, observed: true, rate: 500, work: CHANGE },
  { name: 'ordering', instances: 2, observed: true, rate: 500, work: CHANGE },
  // It asks for more than any machine can do, on purpose.
  { name: 'sign-in', instances: 1, observed: false, rate: 150, work: {} },
  { name: 'refresh', instances: 1, observed: false, rate: 200, work: REFRESH },
  {
    name: 'soak',
    instances: 1,
    observed: true,
    rate: 100,
    work: { hashesPerSecond: 0.1, changesPerSecond: 0.4, commitsPerSecond: 0.2 },
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
