/** What one consumer printed about one delivery. */
export type HandledEvent = {
  readonly consumer: string
  readonly kind: string
  readonly userId: string
  readonly version: number
  /** When the consumer printed it, in milliseconds since the epoch. */
  readonly at: number
}

/** Collects what the example consumers print about each delivery. */
export const collectHandledEvents = () => {
  const handled: HandledEvent[] = []
  return {
    handled: handled as readonly HandledEvent[],
    /** A function that reads the output of one consumer. */
    readerFor: (name: string) => (text: string) => {
      for (const line of text.split('\n')) {
        const [consumer, kind = '', userId = '', version] = line.split(' ')
        if (consumer === name && userId.length === 36)
          handled.push({ consumer: name, kind, userId, version: Number(version), at: Date.now() })
      }
    },
  }
}

/** Results that say that the handler of the consumer ran. */
const APPLIED = new Set(['applied', 'gap'])

/** How many changes a consumer handled more than once. */
export const countHandledTwice = (handled: readonly HandledEvent[], consumer: string): number => {
  const seen = new Set<string>()
  let twice = 0
  for (const { consumer: name, kind, userId, version } of handled) {
    if (name !== consumer || !APPLIED.has(kind)) continue
    const change = `${userId} ${version}`
    if (seen.has(change)) twice += 1
    seen.add(change)
  }
  return twice
}

/** The newest version of each user that a consumer handled, by the id of the user. */
export const newestHandled = (
  handled: readonly HandledEvent[],
  consumer: string,
): ReadonlyMap<string, number> => {
  const newest = new Map<string, number>()
  for (const { consumer: name, kind, userId, version } of handled)
    if (name === consumer && APPLIED.has(kind))
      newest.set(userId, Math.max(version, newest.get(userId) ?? 0))
  return newest
}
