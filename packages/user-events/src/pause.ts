/** Resolves after so many milliseconds, or at once when the signal is or gets aborted. */
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

/** Resolves once the work is settled, whichever way, and after so many milliseconds in any case. */
export const settledWithin = async (
  milliseconds: number,
  work: Promise<unknown>,
): Promise<void> => {
  const settled = new AbortController()
  const end = () => settled.abort()
  work.then(end, end)
  await pause(milliseconds, settled.signal)
}

/** `first` doubled with each further attempt, counted from 1, up to `last`. */
export const delayOf = (attempt: number, first: number, last: number): number =>
  Math.min(last, first * 2 ** Math.min(attempt - 1, 30))

const FIRST_MS = 250
const LAST_MS = 10_000

/**
 * Tries until it works, at least once: what it was, or null when the signal was aborted before. Every failure is told
 * before the next pause.
 */
export const persist = async <T>(
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
