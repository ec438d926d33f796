import type { Clock } from '../../ports/driven/clock.ts'

const KEPT_SECONDS = 300

type Second = { readonly at: number; published: number; failed: number }

/** Counts outcomes of the last five minutes, second by second. */
export const makeLegCounts = (clock: Clock) => {
  let seconds: Second[] = []
  const now = () => Math.floor(clock().getTime() / 1000)
  const present = (): Second => {
    const last = seconds.at(-1)
    if (last?.at === now()) return last
    const second = { at: now(), published: 0, failed: 0 }
    seconds = [...seconds.filter(({ at }) => at > now() - KEPT_SECONDS), second]
    return second
  }
  return {
    published: (): void => {
      present().published += 1
    },
    failed: (): void => {
      present().failed += 1
    },
    totals: () => {
      const recent = seconds.filter(({ at }) => at > now() - KEPT_SECONDS)
      return {
        publishedLast5m: recent.reduce((sum, { published }) => sum + published, 0),
        failedLast5m: recent.reduce((sum, { failed }) => sum + failed, 0),
      }
    },
  }
}
