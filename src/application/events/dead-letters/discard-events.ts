import { CHANNELS } from '../../../domain/events/user-event.ts'
import { parseEventId, parseUserId } from '../../../domain/shared/ids.ts'
import { parseReason } from '../../../domain/shared/plain-text.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { ParkedSelection, Replays } from '../../../ports/driven/events/replays.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type {
  DiscardEvents,
  DiscardRefusal,
  DiscardRequest,
} from '../../../ports/driving/events/events.ts'
import { operatorEntry } from '../../audit/audit-entries.ts'

type Needs = {
  readonly replays: Pick<Replays, 'countParked' | 'discard'>
  readonly stores: Pick<Stores, 'audit'>
  readonly log: Log
  readonly clock: Clock
}

/** Larger batches would hold locks on the outbox for too long. */
const BATCH = 500

/** See `DiscardEvents`. It writes the audit entry before it discards anything, and only when there is something to discard. */
export const makeDiscardEvents = ({ replays, stores, log, clock }: Needs): DiscardEvents => {
  const discardAll = async (selection: ParkedSelection): Promise<number> => {
    let discarded = 0
    let last: number
    do {
      last = await replays.discard(selection, BATCH, clock())
      discarded += last
    } while (last === BATCH)
    return discarded
  }

  return async (request) => {
    const read = readRequest(request)
    if (!read.ok) return read
    const { selection, reason } = read.value
    const parked = await replays.countParked(selection)
    if (parked === 0) return ok({ discarded: 0 })
    await stores.audit.append(
      operatorEntry('events.discarded', {
        subjectId: selection.userId,
        details: `${describe(selection, parked)}: ${reason}`,
        at: clock(),
      }),
    )
    const discarded = await discardAll(selection)
    log('warn', 'events.discarded', { ...selection, discarded })
    return ok({ discarded })
  }
}

const readRequest = (
  request: DiscardRequest,
): Result<{ readonly selection: ParkedSelection; readonly reason: string }, DiscardRefusal> => {
  const { channel, userId, eventId } = request
  if (channel === null && userId === null && eventId === null)
    return fail({ kind: 'nothing-selected' })
  const selection = {
    channel: CHANNELS.find((known) => known === channel) ?? null,
    userId: userId === null ? null : parseUserId(userId),
    eventId: eventId === null ? null : parseEventId(eventId),
  }
  if (selection.channel !== channel) return fail({ kind: 'unknown-channel' })
  if (selection.userId !== userId) return fail({ kind: 'invalid-user-id' })
  if (selection.eventId !== eventId) return fail({ kind: 'invalid-event-id' })
  const reason = parseReason(request.reason)
  return reason === null ? fail({ kind: 'no-reason' }) : ok({ selection, reason })
}

const describe = ({ channel, eventId }: ParkedSelection, parked: number): string =>
  `${parked} parked on ${channel ?? 'any channel'}${eventId === null ? '' : `, event ${eventId}`}`
