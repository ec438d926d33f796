export type Lanes = {
  /** Runs `work` after what was added under the same key before. `work` never rejects. */
  add(key: string, work: () => Promise<void>): void
  /** Takes nothing more and forgets what has not begun; resolves when everything that has is done. */
  close(): Promise<void>
}

/** Work in order under each key, and beside each other under different ones, `concurrency` at a time. */
export const makeLanes = (concurrency: number): Lanes => {
  const waiting = new Map<string, (() => Promise<void>)[]>()
  const ready: string[] = []
  const running = new Set<Promise<void>>()
  let closed = false

  const start = (key: string, work: () => Promise<void>): void => {
    const done = work().finally(() => {
      running.delete(done)
      const more = (waiting.get(key)?.length ?? 0) > 0
      if (more) ready.push(key)
      else waiting.delete(key)
      next()
    })
    running.add(done)
  }
  const next = (): void => {
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
      const lane = waiting.get(key)
      if (lane !== undefined) {
        lane.push(work)
        return
      }
      waiting.set(key, [work])
      ready.push(key)
      next()
    },
    close: async () => {
      closed = true
      ready.length = 0
      waiting.clear()
      await Promise.all(running)
    },
  }
}
