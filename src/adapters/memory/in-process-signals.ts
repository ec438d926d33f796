import type { ReceivedSignal, Signals } from '../../ports/driven/operations/signals.ts'

/** The signals of a single instance to itself. */
export const makeInProcessSignals = (): Signals => {
  const handlers: ((signal: ReceivedSignal) => void)[] = []
  let isClosed = false
  return {
    announce: async (signal) => {
      // As with a server in between, no handler has run yet when the caller has its promise.
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
