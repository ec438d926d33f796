import type { Pause } from '../../../ports/driven/shared/clock.ts'

/** Lets one loop wait for a while, and lets others wake it early. */
export type WakeSignal = {
  /** Ends the present wait, or the next one if nobody waits: no call is ever lost. */
  wake(): void
  wait(milliseconds: number): Promise<void>
}

export const makeWakeSignal = (pause: Pause): WakeSignal => {
  let woken = new AbortController()
  return {
    wake: () => woken.abort(),
    async wait(milliseconds) {
      await pause(milliseconds, woken.signal)
      woken = new AbortController()
    },
  }
}
