import { Unavailable } from '../../domain/shared/unavailable.ts'

export type HashQueueLimits = {
  /** How many may run at once. */
  readonly inFlight: number
  /** How many may wait. */
  readonly waiting: number
  readonly waitSeconds: number
}

export type HashQueue = {
  /** Runs the work, after waiting when necessary. @throws Unavailable when the queue is full or the wait was too long. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** True when a call would be refused now. */
  isFull(): boolean
  /** @throws Unavailable when the queue is full. */
  assertCapacity(): void
}

/** A bounded queue, first come first served: it limits how much work runs at once and how much waits, and refuses the rest. */
export const makeHashQueue = ({ inFlight, waiting, waitSeconds }: HashQueueLimits): HashQueue => {
  // A Set keeps the order of arrival, and an entry in the middle can be removed.
  const queue = new Set<() => void>()
  let running = 0

  const waitForTurn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(deadline)
        resolve()
      }
      const deadline = setTimeout(() => {
        queue.delete(start)
        reject(new Unavailable('waited too long in the hash queue', 1))
      }, waitSeconds * 1000)
      queue.add(start)
    })

  const release = (): void => {
    const [next] = queue
    if (next === undefined) {
      running -= 1
      return
    }
    // The next in line gets the place directly, so no later call can take it in between.
    queue.delete(next)
    next()
  }

  const isFull = () => running >= inFlight && queue.size >= waiting
  const assertCapacity = (): void => {
    if (isFull()) throw new Unavailable('the hash queue is full', 1)
  }

  return {
    isFull,
    assertCapacity,
    run: async (work) => {
      assertCapacity()
      if (running < inFlight) running += 1
      else await waitForTurn()
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}
