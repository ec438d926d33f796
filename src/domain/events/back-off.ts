const FIRST_MILLISECONDS = 50
const LONGEST_MILLISECONDS = 10_000

/**
 * How long to wait before the next try: 50 ms doubling to 10 s, each shortened by up to half, so that users who failed
 * together do not come back together. `chance` lies in [0, 1).
 */
export const backOffMilliseconds = (earlierAttempts: number, chance: number): number => {
  const ceiling = Math.min(
    FIRST_MILLISECONDS * 2 ** Math.min(earlierAttempts, 30),
    LONGEST_MILLISECONDS,
  )
  return Math.round(ceiling * (1 - chance / 2))
}
