/** The current instant. Domain and use cases have no other source of the wall-clock time. */
export type Clock = () => Date

/** A clock in milliseconds that only moves forward, whatever happens to the wall clock. For measuring durations. */
export type Monotonic = () => number

/** Resolves after this many milliseconds, or at once when the signal is aborted. Never rejects. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>
