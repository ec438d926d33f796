/** Runs the work after all earlier work with the same key has ended, whether that succeeded or not. */
export type KeyedMutex = <T>(key: string, work: () => Promise<T>) => Promise<T>

/**
 * A mutex for each key, within this process. Correctness never depends on it, because the store decides conflicts. It
 * keeps writers of one key from losing against each other again and again.
 */
export const makeKeyedMutex = (): KeyedMutex => {
  const latest = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = latest.get(key) ?? Promise.resolve()
    const turn = before.then(work, work)
    latest.set(key, turn)
    try {
      return await turn
    } finally {
      if (latest.get(key) === turn) latest.delete(key)
    }
  }
}
