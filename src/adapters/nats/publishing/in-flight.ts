import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type { Pause } from '../../../ports/driven/shared/clock.ts'

type Sent = { readonly settled: Promise<void>; readonly giveUp: () => void }

export type InFlight = {
  /** The same outcome, or an ambiguous failure as soon as the signal aborts. */
  add<T>(work: Promise<T>, signal?: AbortSignal): Promise<T>
  /** Resolves when all has settled; what has not within so many milliseconds is given up as ambiguous. */
  settle(withinMs: number, pause: Pause): Promise<void>
}

/** What was sent and is not answered yet. */
export const makeInFlight = (): InFlight => {
  const all = new Set<Sent>()

  return {
    add(work, signal) {
      let giveUp = () => {}
      const outcome = new Promise<Awaited<typeof work>>((resolve, reject) => {
        giveUp = () => reject(new PublishFailure('ambiguous', 'given up after sending'))
        signal?.addEventListener('abort', giveUp)
        Promise.resolve(work).then(resolve, reject)
      })
      const settled = outcome.then(ignore, ignore).then(() => {
        signal?.removeEventListener('abort', giveUp)
        all.delete(sent)
      })
      const sent: Sent = { settled, giveUp }
      all.add(sent)
      return outcome
    },
    async settle(withinMs, pause) {
      const settled = new AbortController()
      const everything = Promise.all([...all].map((sent) => sent.settled))
      void everything.then(() => settled.abort())
      await pause(withinMs, settled.signal)
      for (const { giveUp } of all) giveUp()
      await everything
    },
  }
}

const ignore = () => {}
