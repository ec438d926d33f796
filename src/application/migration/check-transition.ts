import type { SyncMode } from '../../domain/migration/sync-mode.ts'
import { followsEvents, isFall, isRise } from '../../domain/migration/sync-mode.ts'
import type { GuardAnswer } from '../../ports/driven/migration/receiver-guard.ts'
import type { SyncState, SyncSurroundings } from '../../ports/driven/migration/sync-modes.ts'
import type { SyncObstacle } from '../../ports/driving/migration/sync-mode.ts'

type Situation = {
  readonly before: SyncState
  readonly after: SyncMode
  readonly surroundings: SyncSurroundings
  readonly confirmSilence: readonly string[]
  readonly now: Date
  /** Asks the receiver of calls; called only where its answer counts. */
  readonly askGuard: () => Promise<GuardAnswer>
}

/** What stands in the way of a mode, each with a way out; null when nothing does. */
export const obstacleTo = async (situation: Situation): Promise<SyncObstacle | null> => {
  const { before, after, surroundings, now, askGuard } = situation
  if (!surroundings.hasReceiver)
    return after.mode === 'events' && !after.dualWrite ? null : { kind: 'no-receiver' }
  if (before.heldUntil !== null && before.heldUntil > now && isHeld(before, after))
    return { kind: 'held', until: before.heldUntil }
  if (followsEvents(after) && !isFall(before, after)) {
    const answer = await askGuard()
    if (answer !== 'version')
      return { kind: answer === 'none' ? 'receiver-not-guarded' : 'receiver-silent' }
  }
  return before.mode !== 'http' && after.mode === 'http' ? silenceOf(situation) : null
}

/** The hold is one at dual, where calls lead: that far one may always go. */
const isHeld = (before: SyncMode, after: SyncMode): boolean =>
  followsEvents(after) && isRise(before, after)

/** Backend itself goes on hearing, by calls. */
const BACKEND = 'backend'

const silenceOf = ({ surroundings, confirmSilence }: Situation): SyncObstacle | null => {
  const { consumers } = surroundings
  if (consumers === null)
    return confirmSilence.length > 0 ? null : { kind: 'consumers-fall-silent', consumers }
  const silent = consumers.filter((name) => name !== BACKEND && !confirmSilence.includes(name))
  return silent.length === 0 ? null : { kind: 'consumers-fall-silent', consumers: silent }
}
