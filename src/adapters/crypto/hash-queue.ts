import { Unavailable } from '../../domain/shared/unavailable.ts'

export type HashQueueLimits = {
  /** How many may run at once. */
  readonly inFlight: number
  /** How many may wait. */
  readonly waiting: number
  /** How many of one client may wait, so that one client cannot keep all places from the others. */
  readonly waitingPerClient: number
  readonly waitSeconds: number
}

/** Who asks for a place; null for the service itself and its owner, whose share is not bounded. */
export type QueueClient = string | null

export type HashQueue = {
  /**
   * Runs the work, after waiting when necessary.
   * @throws Unavailable when the queue is full, when the client's share of it is full, or when the wait was too long.
   */
  run<T>(client: QueueClient, work: () => Promise<T>): Promise<T>
  /** True when a call of this client would be refused now. */
  isFull(client: QueueClient): boolean
}

/** A bounded queue, first come first served: it limits how much work runs at once and how much waits, and refuses the rest. */
export const makeHashQueue = (limits: HashQueueLimits): HashQueue => {
  const { inFlight, waiting, waitingPerClient, waitSeconds } = limits
  // A Set keeps the order of arrival, and an entry in the middle can be removed.
  const queue = new Set<() => void>()
  const places = makePlaces({ total: waiting, perClient: waitingPerClient })
  let running = 0

  const waitForTurn = (client: QueueClient): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUpPlace = places.take(client)
      const start = () => {
        clearTimeout(deadline)
        giveUpPlace()
        resolve()
      }
      const deadline = setTimeout(() => {
        queue.delete(start)
        giveUpPlace()
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

  return {
    isFull: (client) => running >= inFlight && places.isFull(client),
    run: async (client, work) => {
      if (running < inFlight) running += 1
      else await waitForTurn(client)
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}

export type Places = {
  /** Takes a place. Answers the function that frees it. @throws Unavailable when no place is free for this client. */
  take(client: QueueClient): () => void
  /** True when `take` would throw now. */
  isFull(client: QueueClient): boolean
}

/** A number of places, of which one client may hold a share. */
export const makePlaces = ({
  total,
  perClient,
}: {
  readonly total: number
  readonly perClient: number
}): Places => {
  const heldBy = new Map<string, number>()
  let held = 0
  const heldByClient = (client: QueueClient) => (client === null ? 0 : (heldBy.get(client) ?? 0))
  const isFull = (client: QueueClient) => held >= total || heldByClient(client) >= perClient
  const count = (client: QueueClient, change: 1 | -1): void => {
    held += change
    if (client === null) return
    const now = heldByClient(client) + change
    if (now === 0) heldBy.delete(client)
    else heldBy.set(client, now)
  }
  return {
    isFull,
    take: (client) => {
      if (isFull(client)) throw new Unavailable('the hash queue is full', 1)
      count(client, 1)
      return () => count(client, -1)
    },
  }
}
