import type { Channel } from '../../../domain/events/user-event.ts'
import { ok } from '../../../domain/shared/result.ts'
import type { Replays } from '../../../ports/driven/events/replays.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { CountReplay } from '../../../ports/driving/events/events.ts'
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
