import { LEDGER_DAYS } from '../../../domain/events/user-event.ts'
import { parseUserId } from '../../../domain/shared/ids.ts'
import { parseInstant, secondsAfter } from '../../../domain/shared/instants.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { EventSelection } from '../../../ports/driven/events/replays.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { EventSpan, SpanRefusal } from '../../../ports/driving/events/direct-events.ts'

const DAY_SECONDS = 86_400

/** What somebody wrote as a selection; of an open or older beginning the last 14 days. */
export const makeReadEventSpan =
  ({ clock }: { readonly clock: Clock }) =>
  (span: EventSpan): Result<EventSelection, SpanRefusal> => {
    const userId = optional(span.userId, parseUserId)
    if (userId === undefined) return fail({ kind: 'invalid-user-id' })
    const from = optional(span.from, parseInstant)
    if (from === undefined) return fail({ kind: 'invalid-from' })
    const until = optional(span.to, parseInstant)
    if (until === undefined) return fail({ kind: 'invalid-to' })
    if (from !== null && until !== null && until <= from) return fail({ kind: 'empty-span' })
    const kept = secondsAfter(clock(), -LEDGER_DAYS * DAY_SECONDS)
    return ok({ userId, from: from === null || from < kept ? kept : from, until })
  }

/** Null where nothing was given, undefined where it cannot be read. */
const optional = <T>(
  text: string | null,
  parse: (text: string) => T | null,
): T | null | undefined => (text === null ? null : (parse(text) ?? undefined))
