import type { Channel } from '../../domain/events/user-event.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { ReplayPlace, ReplaySelection, Replays } from '../../ports/driven/events/replays.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type {
  CountReplay,
  ReplayEvents,
  ReplayRefusal,
  ReplayRequest,
} from '../../ports/driving/events/events.ts'
import { administratorEntry } from '../audit/audit-entries.ts'
import { readEventSpan } from './read-event-span.ts'

type Needs = {
  readonly replays: Pick<Replays, 'replay'>
  /** The channels that this installation delivers on. */
  readonly channels: readonly Channel[]
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  /** Tells the relay that there is something to deliver. */
  readonly wakeRelay: () => void
  readonly log: Log
  readonly clock: Clock
}

/** Larger batches would hold locks on the outbox for too long. */
const BATCH = 500

/** See `ReplayEvents`. It writes the audit entry first, so that a replay which breaks off half-way is on record too. */
export const makeReplayEvents = (needs: Needs): ReplayEvents => {
  const { replays, channels, stores, identifiers, wakeRelay, log, clock } = needs

  const replayAll = async (selection: ReplaySelection, replayId: string): Promise<number> => {
    let replayed = 0
    let after: ReplayPlace | null = null
    do {
      const batch = await replays.replay(selection, replayId, after, BATCH)
      if (batch.replayed > 0) wakeRelay()
      replayed += batch.replayed
      after = batch.next
    } while (after !== null)
    return replayed
  }

  return async (request, caller) => {
    const read = readSelection(request, channels, clock())
    if (!read.ok) return read
    const selection = read.value
    const { channel, userId } = selection
    const replayId = identifiers.replayId()
    await stores.audit.append(
      administratorEntry('events.replayed', caller, {
        subjectId: userId,
        details: describe(selection, replayId),
        at: clock(),
      }),
    )
    const replayed = await replayAll(selection, replayId)
    log('info', 'events.replayed', { channel, userId, replayId, replayed })
    return ok({ replayed })
  }
}

/** See `CountReplay`. */
export const makeCountReplay =
  ({
    replays,
    channels,
    clock,
  }: Pick<Needs, 'channels' | 'clock'> & {
    readonly replays: Pick<Replays, 'count'>
  }): CountReplay =>
  async (request) => {
    const selection = readSelection(request, channels, clock())
    if (!selection.ok) return selection
    return ok({ replayable: await replays.count(selection.value) })
  }

const readSelection = (
  request: ReplayRequest,
  channels: readonly Channel[],
  now: Date,
): Result<ReplaySelection, ReplayRefusal> => {
  const channel = channels.find((known) => known === request.channel)
  if (channel === undefined) return fail({ kind: 'unknown-channel' })
  const span = readEventSpan(request, now)
  return span.ok ? ok({ ...span.value, channel }) : span
}

const describe = ({ channel, from, until }: ReplaySelection, replayId: string): string =>
  `${channel} from ${from.toISOString()} to ${until?.toISOString() ?? 'now'}, replay ${replayId}`
