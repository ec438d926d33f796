/** Resolves after so many milliseconds, or at once when the signal aborts. Never rejects. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>
