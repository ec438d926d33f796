/** How a suite is run where everything is started for it. */
export type Suite = {
  readonly name: string
  readonly instances: number
  readonly observed: boolean
}

const suite = (name: string, more: Partial<Suite> = {}): Suite => ({
  ...{ name, instances: 1, observed: true },
  ...more,
})

export const SUITES: readonly Suite[] = [
  suite('smoke'),
  suite('registrations'),
  suite('events'),
  suite('backpressure'),
  suite('ordering', { instances: 2 }),
  suite('sign-in', { observed: false }),
  suite('refresh', { observed: false }),
  suite('soak'),
]

export const suiteNamed = (name: string): Suite => {
  const found = SUITES.find((one) => one.name === name)
  if (found === undefined)
    throw new Error(`there is no suite ${name}: ${SUITES.map((one) => one.name).join(', ')}`)
  return found
}
