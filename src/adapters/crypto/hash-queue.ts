import { Unavailable } from '../../domain/shared/unavailable.ts'

export type GateLimits = {
  readonly inFlight: number
  readonly waiting: number
  readonly waitSeconds: number
}

export type Gate = {
  /** Runs work when there is room for it. @throws Unavailable when there is none, now or in time. */
  pass<T>(work: () => Promise<T>): Promise<T>
  /** Whether whoever came now would be refused. */
  isFull(): boolean
  /** @throws Unavailable when it is full. */
  assertRoom(): void
}

/** Lets so much work run at once, so much more wait, first come first served, and refuses the rest at once. */
export const makeGate = ({ inFlight, waiting, waitSeconds }: GateLimits): Gate => {
  // A Set keeps the order of arrival and lets one leave from the middle.
  const queue = new Set<() => void>()
  let running = 0

  const enter = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(deadline)
        resolve()
      }
      const deadline = setTimeout(() => {
        queue.delete(start)
        reject(new Unavailable('waited too long for a place', 1))
      }, waitSeconds * 1000)
      queue.add(start)
    })

  const leave = (): void => {
    const [next] = queue
    if (next === undefined) {
      running -= 1
      return
    }
    // The place is handed over, so nobody can slip in between.
    queue.delete(next)
    next()
  }

  const isFull = () => running >= inFlight && queue.size >= waiting
  const assertRoom = (): void => {
    if (isFull()) throw new Unavailable('the queue is full', 1)
  }

  return {
    isFull,
    assertRoom,
    pass: async (work) => {
      assertRoom()
      if (running < inFlight) running += 1
      else await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
