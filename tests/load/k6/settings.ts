/** The addresses of the instances of the service, from `BASE_URL`, comma-separated. Requests go to them in turn. */
export const ADDRESSES: readonly string[] = (__ENV['BASE_URL'] ?? 'http://127.0.0.1:3000').split(
  ',',
)

/** The address of the observer, which measures events. Null: events are not measured. */
export const OBSERVER: string | null = __ENV['OBSERVER_URL'] || null

/** Requests per second: `RATE`, or the default of the suite. */
export const rate = (byDefault: number): number => Number(__ENV['RATE'] ?? byDefault)

/** `DURATION` in seconds, or the default of the suite. It is written as `90s`, `5m`, `1h` or a number of seconds. */
export const durationSeconds = (byDefault: number): number => {
  const [, count = '', unit = 's'] = /^(\d+)(s|m|h)?$/.exec(__ENV['DURATION'] ?? '') ?? []
  return count === '' ? byDefault : Number(count) * SECONDS[unit as keyof typeof SECONDS]
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const

export const WARM_UP_SECONDS = 5

export const PASSWORD = 'six wide rivers, no bridge'
