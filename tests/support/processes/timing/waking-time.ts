const TICK_MS = 20
/** A machine that is merely busy is late by less. */
const LATE_MS = 100

let isTicking = false
let tickedAt = 0
let stoodStillMs = 0

const latenessAt = (now: number): number => {
  const late = now - tickedAt - TICK_MS
  return late > LATE_MS ? late : 0
}

const tick = (): void => {
  const now = performance.now()
  stoodStillMs += latenessAt(now)
  tickedAt = now
}

const begin = (): void => {
  isTicking = true
  tickedAt = performance.now()
  setInterval(tick, TICK_MS).unref()
}

/**
 * Milliseconds, for the difference between two of them, of a clock that stands still whenever this process does: what took
 * long because the machine did something else took no longer here.
 */
export const wakingMilliseconds = (): number => {
  if (!isTicking) begin()
  const now = performance.now()
  return now - stoodStillMs - latenessAt(now)
}
