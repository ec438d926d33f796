import type { Channel } from '../../../domain/events/user-event.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { ReplaySelection } from '../../../ports/driven/events/replays.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { ReplayRefusal, ReplayRequest } from '../../../ports/driving/events/events.ts'
import { makeReadEventSpan } from './read-event-span.ts'

type Needs = {
  /** The legs that events are delivered on. */
  readonly channels: readonly Channel[]
  readonly clock: Clock
}

/** What somebody wrote as events and a channel of theirs. */
export const makeReadReplaySelection = ({ channels, clock }: Needs) => {
  const readSpan = makeReadEventSpan({ clock })
  return (request: ReplayRequest): Result<ReplaySelection, ReplayRefusal> => {
    const channel = channels.find((known) => known === request.channel)
    if (channel === undefined) return fail({ kind: 'unknown-channel' })
    const span = readSpan(request)
    return span.ok ? ok({ ...span.value, channel }) : span
  }
}
