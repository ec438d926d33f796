import type { Position, Store } from './store.ts'

/** The memory store's transaction: the locks that it holds, and the positions that are not committed yet. */
export type MemoryTransaction = {
  readonly release: (() => void)[]
  readonly kept: Map<string, Position>
}

/**
 * Keeps positions for the life of the process, for consumers whose own state is in memory too. Both are lost when the
 * process ends. The durable consumer stays on the server and does not start again from the beginning of the stream.
 * What a handler wrote elsewhere before it failed stays written.
 */
export const makeMemoryStore = (): Store<MemoryTransaction> => {
  const positions = new Map<string, Position>()
  const taken = new Map<string, Promise<void>>()
  return {
    transact: async (work) => {
      const tx: MemoryTransaction = { release: [], kept: new Map() }
      try {
        const result = await work(tx)
        for (const [key, position] of tx.kept) positions.set(key, position)
        return result
      } finally {
        for (const release of tx.release) release()
      }
    },
    takePosition: async (tx, consumer, userId) => {
      const key = keyOf(consumer, userId)
      while (taken.has(key)) await taken.get(key)
      taken.set(
        key,
        new Promise((resolve) => {
          tx.release.push(() => {
            taken.delete(key)
            resolve()
          })
        }),
      )
      return positions.get(key) ?? null
    },
    keepPosition: async (tx, consumer, position) => {
      tx.kept.set(keyOf(consumer, position.userId), position)
    },
  }
}

// A consumer's name contains no space.
const keyOf = (consumer: string, userId: string): string => `${consumer} ${userId}`
