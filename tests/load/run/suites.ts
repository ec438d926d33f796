/** How a suite runs when everything is started for it. */
export type Suite = {
  readonly name: string
  /** How many instances of the service run. */
  readonly instances: number
  /** Whether an observer measures the events. */
  readonly observed: boolean
}

export const SUITES: readonly Suite[] = [
  { name: 'smoke', instances: 1, observed: true },
  { name: 'registrations', instances: 1, observed: true },
  { name: 'events', instances: 1, observed: true },
  { name: 'backpressure', instances: 1, observed: true },
  { name: 'ordering', instances: 2, observed: true },
  { name: 'sign-in', instances: 1, observed: false },
  { name: 'refresh', instances: 1, observed: false },
  { name: 'soak', instances: 1, observed: true },
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
