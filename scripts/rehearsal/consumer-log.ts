/** What one consumer said about one delivery. */
export type Consumed = {
  readonly consumer: string
  readonly kind: string
  readonly userId: string
  readonly version: number
  readonly at: number
}

/** Collects what the examples say about each delivery, with when they said it. */
export const listen = () => {
  const consumed: Consumed[] = []
  return {
    consumed: consumed as readonly Consumed[],
    from: (name: string) => (text: string) => {
      for (const line of text.split('\n')) {
        const [consumer, kind = '', userId = '', version] = line.split(' ')
        if (consumer === name && userId.length === 36)
          consumed.push({ consumer: name, kind, userId, version: Number(version), at: Date.now() })
      }
    },
  }
}

const HANDLED = new Set(['applied', 'gap'])

/** Changes that a consumer handled more than once. */
export const handledTwice = (consumed: readonly Consumed[], consumer: string): number => {
  const seen = new Set<string>()
  let twice = 0
  for (const { consumer: name, kind, userId, version } of consumed) {
    if (name !== consumer || !HANDLED.has(kind)) continue
    const change = `${userId} ${version}`
    if (seen.has(change)) twice += 1
    seen.add(change)
  }
  return twice
}

/** The newest version of each user that a consumer handled. */
export const newestHandled = (
  consumed: readonly Consumed[],
  consumer: string,
): ReadonlyMap<string, number> => {
  const newest = new Map<string, number>()
  for (const { consumer: name, kind, userId, version } of consumed)
    if (name === consumer && HANDLED.has(kind))
      newest.set(userId, Math.max(version, newest.get(userId) ?? 0))
  return newest
}
