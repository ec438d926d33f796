/** Which message ids were stored lately, and under which sequence. */
export type RecentIds = {
  sequenceOf(id: string): number | null
  remember(id: string, sequence: number): void
}

const WINDOW_MS = 5 * 60_000
const CAPACITY = 100_000

/** A duplicate window of five minutes, as streams have it, over at most 100 000 ids. */
export const makeRecentIds = (now: () => number, capacity = CAPACITY): RecentIds => {
  const stored = new Map<string, { readonly sequence: number; readonly at: number }>()
  return {
    sequenceOf: (id) => {
      const entry = stored.get(id)
      return entry !== undefined && now() - entry.at < WINDOW_MS ? entry.sequence : null
    },
    remember: (id, sequence) => {
      stored.delete(id)
      stored.set(id, { sequence, at: now() })
      // Ids are in the order of their age: forgetting stops at the first that still counts.
      for (const [oldest, { at }] of stored) {
        if (stored.size <= capacity && now() - at < WINDOW_MS) break
        stored.delete(oldest)
      }
    },
  }
}
