const FIRST_MILLISECONDS = 50
const LONGEST_MILLISECONDS = 10_000
/**
 * No delivery waits longer than this for its next attempt. An instant beyond it comes from a clock that was ahead: the delivery
 * is due [PR3].
 */
export const LONGEST_WAIT_SECONDS = 60

/**
 * How long to wait before the next attempt: 50 ms, doubled with each attempt up to 10 s. Each wait is shortened at random
 * by up to half, so that deliveries which failed together are not retried together. `chance` lies in [0, 1).
 */
export const backOffMilliseconds = (earlierAttempts: number, chance: number): number => {
  const ceiling = Math.min(
    FIRST_MILLISECONDS * 2 ** Math.min(earlierAttempts, 30),
    LONGEST_MILLISECONDS,
  )
  return Math.round(ceiling * (1 - chance / 2))
}
