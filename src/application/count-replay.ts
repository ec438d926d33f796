import { ok } from '../domain/result.ts'
import type { Channel } from '../domain/user-event.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { Replays } from '../ports/driven/replays.ts'
import type { CountReplay } from '../ports/driving/events.ts'
import { makeReadReplaySelection } from './read-replay-selection.ts'

type Needs = {
  readonly replays: Pick<Replays, 'count'>
  readonly channels: readonly Channel[]
  readonly clock: Clock
}

/** See `CountReplay`. */
export const makeCountReplay = (needs: Needs): CountReplay => {
  const readSelection = makeReadReplaySelection(needs)
  return async (request) => {
    const selection = readSelection(request)
    if (!selection.ok) return selection
    return ok({ replayable: await needs.replays.count(selection.value) })
  }
}
