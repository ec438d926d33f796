import type { Heard, Signals } from '../../ports/driven/operations/signals.ts'

/** Signals of a single instance to itself: nobody else is there to hear or to be heard. */
export const makeInProcessSignals = (): Signals => {
  const handlers: ((heard: Heard) => void)[] = []
  let isClosed = false
  return {
    announce: async (signal) => {
      // As with a server between, nobody has heard it yet when the caller has its promise.
      await Promise.resolve()
      if (!isClosed) for (const handler of handlers) handler(signal)
    },
    listen: (handler) => {
      handlers.push(handler)
    },
    isListening: () => !isClosed,
    close: async () => {
      isClosed = true
    },
  }
}
