import { parseUserId } from '../domain/ids.ts'
import { parseInstant, secondsAfter } from '../domain/instants.ts'
import type { Result } from '../domain/result.ts'
import { fail, ok } from '../domain/result.ts'
import type { Channel } from '../domain/user-event.ts'
import { LEDGER_DAYS } from '../domain/user-event.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { ReplaySelection } from '../ports/driven/replays.ts'
import type { ReplayRefusal, ReplayRequest } from '../ports/driving/events.ts'

type Needs = {
  /** The legs that events are delivered on. */
  readonly channels: readonly Channel[]
  readonly clock: Clock
}

const DAY_SECONDS = 86_400

/** What somebody wrote as a selection; of an open or older beginning the last 14 days. */
export const makeReadReplaySelection =
  ({ channels, clock }: Needs) =>
  (request: ReplayRequest): Result<ReplaySelection, ReplayRefusal> => {
    const channel = channels.find((known) => known === request.channel)
    if (channel === undefined) return fail({ kind: 'unknown-channel' })
    const userId = optional(request.userId, parseUserId)
    if (userId === undefined) return fail({ kind: 'invalid-user-id' })
    const from = optional(request.from, parseInstant)
    if (from === undefined) return fail({ kind: 'invalid-from' })
    const until = optional(request.to, parseInstant)
    if (until === undefined) return fail({ kind: 'invalid-to' })
    if (from !== null && until !== null && until <= from) return fail({ kind: 'empty-span' })
    const kept = secondsAfter(clock(), -LEDGER_DAYS * DAY_SECONDS)
    return ok({ channel, userId, from: from === null || from < kept ? kept : from, until })
  }

/** Null where nothing was given, undefined where it cannot be read. */
const optional = <T>(
  text: string | null,
  parse: (text: string) => T | null,
): T | null | undefined => (text === null ? null : (parse(text) ?? undefined))
