/** Runs work on one thing after the work on it that was asked for before, whether that succeeded or not. */
export type TakeTurns = <T>(thing: string, work: () => Promise<T>) => Promise<T>

/**
 * Turns within this process. They promise nothing that the store does not promise too; they spare writers of one
 * thing from overtaking each other again and again.
 */
export const makeTakeTurns = (): TakeTurns => {
  const latest = new Map<string, Promise<unknown>>()
  return async (thing, work) => {
    const before = latest.get(thing) ?? Promise.resolve()
    const turn = before.then(work, work)
    latest.set(thing, turn)
    try {
      return await turn
    } finally {
      if (latest.get(thing) === turn) latest.delete(thing)
    }
  }
}
