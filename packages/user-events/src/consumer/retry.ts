/** Resolves after so many milliseconds, or at once when the signal is or becomes aborted. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })

/** Resolves once the work has settled, whether it succeeded or not, and after so many milliseconds in any case. */
export const settledWithin = async (
  milliseconds: number,
  work: Promise<unknown>,
): Promise<void> => {
  const settled = new AbortController()
  const end = () => settled.abort()
  work.then(end, end)
  await pause(milliseconds, settled.signal)
}

/** The delay after an attempt: `first`, doubled with each further attempt, up to `last`. Attempts count from 1. */
export const delayOf = (attempt: number, first: number, last: number): number =>
  Math.min(last, first * 2 ** Math.min(attempt - 1, 30))

const FIRST_MS = 250
const LAST_MS = 10_000

/**
 * Tries until the work succeeds, at least once. Answers the result, or null when the signal was aborted first. `failed` is
 * called with each fault, before the next pause.
 */
export const retryUntilStopped = async <T>(
  work: () => Promise<T>,
  failed: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<T | null> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (fault) {
      failed(fault)
      await pause(delayOf(attempt, FIRST_MS, LAST_MS), signal)
      if (signal.aborted) return null
    }
  }
}
