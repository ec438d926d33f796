import type { Result } from '../domain/result.ts'
import { fail, ok } from '../domain/result.ts'
import type { Channel } from '../domain/user-event.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { ReplaySelection } from '../ports/driven/replays.ts'
import type { ReplayRefusal, ReplayRequest } from '../ports/driving/events.ts'
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
