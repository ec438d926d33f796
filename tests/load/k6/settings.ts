/** The service, or several instances of it, comma-separated: requests go to them in turn. */
export const ADDRESSES: readonly string[] = (__ENV['BASE_URL'] ?? 'http://127.0.0.1:3000').split(
  ',',
)

/** A real consumer beside k6; null: nobody measures events. */
export const OBSERVER: string | null = __ENV['OBSERVER_URL'] || null

export const rate = (usual: number): number => Number(__ENV['RATE'] ?? usual)

/** In seconds; given as `90s`, `5m` or a number of seconds. */
export const durationSeconds = (usual: number): number => {
  const [, count = '', unit = 's'] = /^(\d+)(s|m|h)?$/.exec(__ENV['DURATION'] ?? '') ?? []
  return count === '' ? usual : Number(count) * SECONDS[unit as keyof typeof SECONDS]
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const

export const WARM_UP_SECONDS = 5

export const PASSWORD = 'six wide rivers, no bridge'
