import type { Pause } from '../../../ports/driven/shared/pause.ts'

export type Bell = {
  /** Ends the present wait, or the next one if nobody waits: no ring is ever lost. */
  ring(): void
  wait(milliseconds: number): Promise<void>
}

export const makeBell = (pause: Pause): Bell => {
  let rung = new AbortController()
  return {
    ring: () => rung.abort(),
    async wait(milliseconds) {
      await pause(milliseconds, rung.signal)
      rung = new AbortController()
    },
  }
}
