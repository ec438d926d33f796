import type { Channel } from '../../../domain/events/user-event.ts'
import { ok } from '../../../domain/shared/result.ts'
import type { ReplayPlace, ReplaySelection, Replays } from '../../../ports/driven/events/replays.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type { ReplayEvents } from '../../../ports/driving/events/events.ts'
import { makeReadReplaySelection } from './read-replay-selection.ts'

type Needs = {
  readonly replays: Pick<Replays, 'replay'>
  readonly channels: readonly Channel[]
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  /** Tells the relay that there is something to deliver. */
  readonly wakeRelay: () => void
  readonly log: Log
  readonly clock: Clock
}

/** So many at once keep the outbox open for everybody else. */
const BATCH = 500

/** See `ReplayEvents`. Recorded before anything is done: a replay that breaks off half-way is known too. */
export const makeReplayEvents = (needs: Needs): ReplayEvents => {
  const { stores, identifiers, log, clock } = needs
  const readSelection = makeReadReplaySelection(needs)
  const replayAll = makeReplayAll(needs)
  return async (request, caller) => {
    const read = readSelection(request)
    if (!read.ok) return read
    const selection = read.value
    const replayId = identifiers.replayId()
    await stores.audit.append({
      action: 'events.replayed',
      result: 'ok',
      actorId: caller?.id ?? null,
      subjectId: selection.userId,
      sessionId: caller?.session.id ?? null,
      addressPrefix: caller?.session.addressPrefix ?? null,
      details: describe(selection, replayId),
      at: clock(),
    })
    const replayed = await replayAll(selection, replayId)
    const { channel, userId } = selection
    log('info', 'events.replayed', { channel, userId, replayId, replayed })
    return ok({ replayed })
  }
}

const makeReplayAll =
  ({ replays, wakeRelay }: Needs) =>
  async (selection: ReplaySelection, replayId: string): Promise<number> => {
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

const describe = ({ channel, from, until }: ReplaySelection, replayId: string): string =>
  `${channel} from ${from.toISOString()} to ${until?.toISOString() ?? 'now'}, replay ${replayId}`
