import { LEDGER_DAYS } from '../../domain/events/user-event.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import { parseInstant, secondsAfter } from '../../domain/shared/instants.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { EventSelection } from '../../ports/driven/events/replays.ts'
import type { EventSpan, SpanRefusal } from '../../ports/driving/events/direct-events.ts'

const DAY_SECONDS = 86_400

/** Parses a span of events. A beginning that is open or older than the ledger becomes 14 days before `now`. */
export const readEventSpan = (span: EventSpan, now: Date): Result<EventSelection, SpanRefusal> => {
  const userId = optional(span.userId, parseUserId)
  if (userId === undefined) return fail({ kind: 'invalid-user-id' })
  const from = optional(span.from, parseInstant)
  if (from === undefined) return fail({ kind: 'invalid-from' })
  const until = optional(span.to, parseInstant)
  if (until === undefined) return fail({ kind: 'invalid-to' })
  if (from !== null && until !== null && until <= from) return fail({ kind: 'empty-span' })
  const oldest = secondsAfter(now, -LEDGER_DAYS * DAY_SECONDS)
  return ok({ userId, from: from === null || from < oldest ? oldest : from, until })
}

/** Null when nothing was given, undefined when the text cannot be parsed. */
const optional = <T>(
  text: string | null,
  parse: (text: string) => T | null,
): T | null | undefined => (text === null ? null : (parse(text) ?? undefined))
