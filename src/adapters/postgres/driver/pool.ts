import { Unavailable } from '../../../domain/shared/unavailable.ts'

/** What a pool keeps. */
export type Pooled = {
  /** False once it is of no use any more. */
  isOpen(): boolean
  close(): Promise<void>
}

export type PoolLimits = {
  readonly size: number
  /** How many may wait for one that is in use. */
  readonly waiting: number
  readonly waitSeconds: number
}

export type Pool<C> = {
  /** Runs work on a connection that nobody else has. @throws Unavailable when none is free, now or in time. */
  use<T>(work: (connection: C) => Promise<T>): Promise<T>
  /** Whether all connections are in use, and somebody waits for one. */
  isBusy(): boolean
  /** Refuses whoever waits and whoever comes, and closes all connections. */
  close(): Promise<void>
}

type Waiter<C> = {
  readonly start: (connection: C) => void
  readonly refuse: (why: unknown) => void
}

/**
 * Connections made when they are needed and kept. Whoever finds none waits in a bounded queue, first come first
 * served; one that was lost is replaced for the next who asks.
 */
export const makePool = <C extends Pooled>(
  open: () => Promise<C>,
  { size, waiting, waitSeconds }: PoolLimits,
): Pool<C> => {
  const queue = makeQueue<C>(waitSeconds)
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

  // The one used last is the likeliest to work still; those lost while idle are forgotten on the way.
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

  return {
    use: async (work) => {
      const connection = await take()
      try {
        return await work(connection)
      } finally {
        pass(connection)
      }
    },
    isBusy: () => queue.size() > 0 && all.size >= size,
    close: async () => {
      isClosed = true
      for (let one = queue.first(); one !== undefined; one = queue.first())
        one.refuse(new Unavailable('the database is closed', 1))
      await Promise.all([...all].map((connection) => connection.close()))
    },
  }
}

const makeQueue = <C>(waitSeconds: number) => {
  // A Set keeps the order of arrival and lets one leave from the middle.
  const waiters = new Set<Waiter<C>>()
  return {
    size: () => waiters.size,
    /** Takes out who has waited longest. */
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
