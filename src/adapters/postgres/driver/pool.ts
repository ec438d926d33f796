import { Unavailable } from '../../../domain/shared/unavailable.ts'

/** A connection in a pool. */
export type Pooled = {
  /** False when the connection is no longer usable. */
  isOpen(): boolean
  close(): Promise<void>
}

export type PoolLimits = {
  readonly size: number
  /** How many callers may wait for a connection. */
  readonly waiting: number
  readonly waitSeconds: number
  /** How many connections background work may use at once. While other callers wait, it is one. */
  readonly inBackground: number
}

export type Pool<C> = {
  /** Runs work on a connection that no other caller uses. @throws Unavailable when the queue is full or the wait was too long. */
  use<T>(work: (connection: C) => Promise<T>): Promise<T>
  /** The same for work that may take long to begin: others come first. @throws Unavailable when the pool is closed. */
  useInBackground<T>(work: (connection: C) => Promise<T>): Promise<T>
  /** True when all connections are in use and a caller waits for one. */
  isBusy(): boolean
  /** Refuses all waiting and later callers, and closes all connections. */
  close(): Promise<void>
}

type Waiter<C> = {
  readonly start: (connection: C) => void
  readonly refuse: (why: unknown) => void
}

/**
 * A pool that opens connections when they are needed and keeps them. A caller that finds none waits in a bounded queue,
 * first come first served. A lost connection is replaced for the next caller.
 */
export const makePool = <C extends Pooled>(
  open: () => Promise<C>,
  { size, waiting, waitSeconds, inBackground }: PoolLimits,
): Pool<C> => {
  const queue = makeQueue<C>(waitSeconds)
  const background = makeBackground(inBackground, () => queue.size() > 0)
  const idle: C[] = []
  const all = new Set<C>()
  let opening = 0
  let isClosed = false

  const openIfNeeded = async (): Promise<void> => {
    if (isClosed || queue.size() <= opening || all.size + opening >= size) return
    opening += 1
    try {
      const connection = await open()
      opening -= 1
      all.add(connection)
      if (isClosed) await connection.close()
      else pass(connection)
    } catch (fault) {
      opening -= 1
      queue.first()?.refuse(fault)
      await openIfNeeded()
    }
  }

  const pass = (connection: C): void => {
    if (!connection.isOpen()) {
      all.delete(connection)
      void openIfNeeded()
      return
    }
    const next = queue.first()
    if (next === undefined) idle.push(connection)
    else next.start(connection)
  }

  // The connection that was used last most likely still works. Connections that were lost while idle are removed.
  const takeIdle = (): C | undefined => {
    for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
      if (found.isOpen()) return found
      all.delete(found)
    }
    return undefined
  }

  const take = async (): Promise<C> => {
    if (isClosed) throw new Unavailable('the database is closed', 1)
    const ready = takeIdle()
    if (ready !== undefined) return ready
    const room = Math.max(0, size - all.size)
    if (queue.size() >= waiting + room) throw new Unavailable('the queue is full', 1)
    const turn = queue.join()
    void openIfNeeded()
    return turn
  }

  const use = async <T>(work: (connection: C) => Promise<T>): Promise<T> => {
    const connection = await take()
    try {
      return await work(connection)
    } finally {
      pass(connection)
      background.startWaiting()
    }
  }

  return {
    use,
    useInBackground: async (work) => {
      const end = await background.begin()
      try {
        return await use(work)
      } finally {
        end()
      }
    },
    isBusy: () => queue.size() > 0 && all.size >= size,
    close: async () => {
      isClosed = true
      background.startWaiting()
      for (let one = queue.first(); one !== undefined; one = queue.first())
        one.refuse(new Unavailable('the database is closed', 1))
      await Promise.all([...all].map((connection) => connection.close()))
    },
  }
}

/** Lets background work begin: `limit` at once, and one while others wait for a connection. */
const makeBackground = (limit: number, doOthersWait: () => boolean) => {
  const waiting: (() => void)[] = []
  let running = 0
  const mayBegin = () => running < (doOthersWait() ? 1 : limit)
  const startWaiting = (): void => {
    while (waiting.length > 0 && mayBegin()) {
      running += 1
      waiting.shift()?.()
    }
  }
  return {
    startWaiting,
    /** Resolves when the work may begin. The caller calls the answer at its end. */
    begin: async (): Promise<() => void> => {
      if (waiting.length === 0 && mayBegin()) running += 1
      else await new Promise<void>((start) => waiting.push(start))
      return () => {
        running -= 1
        startWaiting()
      }
    },
  }
}

const makeQueue = <C>(waitSeconds: number) => {
  // A Set keeps the order of arrival, and an entry in the middle can be removed.
  const waiters = new Set<Waiter<C>>()
  return {
    size: () => waiters.size,
    /** Removes and answers the waiter that came first. */
    first: (): Waiter<C> | undefined => {
      const [first] = waiters
      if (first !== undefined) waiters.delete(first)
      return first
    },
    join: () =>
      new Promise<C>((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiters.delete(waiter)
          reject(new Unavailable('waited too long for the database', 1))
        }, waitSeconds * 1000)
        const leaving =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            clearTimeout(deadline)
            settle(value)
          }
        const waiter = { start: leaving(resolve), refuse: leaving(reject) }
        waiters.add(waiter)
      }),
  }
}
