import type { Clock, Pause } from '../../../../src/ports/driven/shared/clock.ts'

type Sleeper = { readonly until: number; readonly wake: () => void }

export type VirtualTime = {
  readonly clock: Clock
  readonly pause: Pause
  /** Lets everything that is ready run, then moves on to the next sleeper, until so much time has passed. */
  advance(milliseconds: number): Promise<void>
}

/** Time that passes only when a test says so. */
export const virtualTime = (start = new Date('2026-11-24T00:00:00.000Z')): VirtualTime => {
  let now = start.getTime()
  let sleepers: Sleeper[] = []
  const clock = () => new Date(now)

  const pause: Pause = (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const wake = () => {
        sleepers = sleepers.filter((other) => other !== sleeper)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { until: now + milliseconds, wake }
      sleepers.push(sleeper)
      signal.addEventListener('abort', wake)
    })

  const advance = async (milliseconds: number): Promise<void> => {
    const end = now + milliseconds
    for (;;) {
      await settle()
      const next = sleepers.toSorted((a, b) => a.until - b.until)[0]
      if (next === undefined || next.until > end) break
      now = Math.max(now, next.until)
      next.wake()
    }
    now = end
    await settle()
  }

  return { clock, pause, advance }
}

/** All promises that need no time have run by then. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
