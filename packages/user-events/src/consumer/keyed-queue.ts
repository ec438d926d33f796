export type KeyedQueue = {
  /** Runs `work` after all work that was added with the same key before. `work` must never reject. */
  add(key: string, work: () => Promise<void>): void
  /** Takes no more work and drops what has not started. Resolves when all started work is done. */
  close(): Promise<void>
}

/** Runs work in order for each key, and work of different keys at the same time, up to `concurrency`. */
export const makeKeyedQueue = (concurrency: number): KeyedQueue => {
  const waiting = new Map<string, (() => Promise<void>)[]>()
  const ready: string[] = []
  const running = new Set<Promise<void>>()
  let closed = false

  const start = (key: string, work: () => Promise<void>): void => {
    const done = work().finally(() => {
      running.delete(done)
      const hasMore = (waiting.get(key)?.length ?? 0) > 0
      if (hasMore) ready.push(key)
      else waiting.delete(key)
      startReady()
    })
    running.add(done)
  }
  const startReady = (): void => {
    while (running.size < concurrency) {
      const key = ready.shift()
      if (key === undefined) return
      const work = waiting.get(key)?.shift()
      if (work !== undefined) start(key, work)
    }
  }

  return {
    add: (key, work) => {
      if (closed) return
      const sameKey = waiting.get(key)
      if (sameKey !== undefined) {
        sameKey.push(work)
        return
      }
      waiting.set(key, [work])
      ready.push(key)
      startReady()
    },
    close: async () => {
      closed = true
      ready.length = 0
      waiting.clear()
      await Promise.all(running)
    },
  }
}
