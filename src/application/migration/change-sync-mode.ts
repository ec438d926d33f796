import type { SyncMode } from '../../domain/migration/sync-mode.ts'
import {
  describeMode,
  followsEvents,
  isBack,
  isForward,
  isSameMode,
  makeSyncMode,
  SYNC_MODES,
} from '../../domain/migration/sync-mode.ts'
import type { Deployment, SyncState, VersionGuard } from '../../domain/migration/sync-state.ts'
import { parseReason } from '../../domain/shared/plain-text.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { VersionGuardProbe } from '../../ports/driven/migration/backend.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type {
  ChangeSyncMode,
  InvalidSyncMode,
  SyncModeRequest,
  TransitionObstacle,
} from '../../ports/driving/migration/sync-mode.ts'
import type { UserContext } from '../../ports/driving/sessions/sessions.ts'
import { administratorEntry } from '../audit/audit-entries.ts'

type Needs = {
  readonly syncModes: SyncModes
  /** Null where Backend cannot be asked. Then its last stored answer counts. */
  readonly versionGuard: Pick<VersionGuardProbe, 'ask'> | null
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  /** Tells every instance at once. Without that, each finds out within half a second. */
  readonly announceMode: () => void
  readonly log: Log
  readonly clock: Clock
}

/** See `ChangeSyncMode`. The audit entry is written after the change; a refused change changes nothing. */
export const makeChangeSyncMode = (needs: Needs): ChangeSyncMode => {
  const { syncModes, identifiers, announceMode, log, clock } = needs
  const askVersionGuard = makeAskVersionGuard(needs)
  const audit = makeAudit(needs)
  return async (request, expected, caller) => {
    const read = readRequest(request)
    if (!read.ok) return read
    const { after, reason } = read.value
    const before = await syncModes.read()
    if (expected !== null && !expected.includes(before.epoch))
      return fail({ kind: 'version-mismatch' })
    if (isSameMode(before, after)) return ok(before)
    const deployment = await syncModes.deployment()
    const now = clock()
    const obstacle = await checkTransition({
      before,
      after,
      deployment,
      confirmSilence: request.confirmSilence,
      now,
      askVersionGuard: () => askVersionGuard(deployment.guard),
    })
    if (obstacle !== null) return fail({ kind: 'mode-not-allowed', obstacle })
    const changedBy = caller?.id ?? 'owner'
    const heldUntil = before.heldUntil !== null && before.heldUntil > now ? before.heldUntil : null
    const changed = await syncModes.change(
      { ...after, reason, changedBy, heldUntil },
      before.epoch,
      { acceptGap: request.acceptGap, backfillId: identifiers.replayId() },
    )
    if (!changed.ok)
      return changed.refusal.kind === 'stale'
        ? fail({ kind: 'version-mismatch' })
        : fail(changed.refusal)
    const { state, backfilled } = changed.value
    await audit(before, state, caller)
    const { mode, percent, dualWrite, epoch } = state
    log('info', 'sync.changed', { mode, percent, dualWrite, epoch, changedBy, backfilled })
    announceMode()
    return ok(state)
  }
}

const readRequest = (
  request: SyncModeRequest,
): Result<{ readonly after: SyncMode; readonly reason: string }, InvalidSyncMode> => {
  const invalid = (problem: InvalidSyncMode['problem']) =>
    fail({ kind: 'invalid-sync-mode', problem } as const)
  const mode = SYNC_MODES.find((known) => known === request.mode)
  if (mode === undefined) return invalid({ field: 'mode', code: 'unknown-mode' })
  const after = makeSyncMode(mode, request.percent, request.dualWrite)
  if ('code' in after) return invalid(after)
  const reason = parseReason(request.reason)
  return reason === null ? invalid({ field: 'reason', code: 'no-reason' }) : ok({ after, reason })
}

/** Backend's answer now, or its last stored answer when it does not answer. */
const makeAskVersionGuard =
  ({ versionGuard, syncModes }: Needs) =>
  async (known: VersionGuard): Promise<VersionGuard> => {
    const answer = (await versionGuard?.ask()) ?? 'unknown'
    if (answer === 'unknown') return known
    if (answer !== known) await syncModes.noteDeployment({ guard: answer })
    return answer
  }

type Transition = {
  readonly before: SyncState
  readonly after: SyncMode
  readonly deployment: Deployment
  readonly confirmSilence: readonly string[]
  readonly now: Date
  /** Asks Backend. Called only where its answer counts. */
  readonly askVersionGuard: () => Promise<VersionGuard>
}

/** Why a change of the mode is not allowed now; null when it is allowed. */
const checkTransition = async (transition: Transition): Promise<TransitionObstacle | null> => {
  const { before, after, deployment, now, askVersionGuard } = transition
  if (!deployment.hasReceiver)
    return after.mode === 'events' && !after.dualWrite ? null : { kind: 'no-receiver' }
  if (before.heldUntil !== null && before.heldUntil > now && isHeld(before, after))
    return { kind: 'held', until: before.heldUntil }
  if (followsEvents(after) && !isBack(before, after)) {
    const answer = await askVersionGuard()
    if (answer !== 'version')
      return { kind: answer === 'none' ? 'receiver-not-guarded' : 'receiver-silent' }
  }
  return before.mode !== 'http' && after.mode === 'http' ? findSilencedConsumers(transition) : null
}

/** A hold does not forbid a step forward to dual, because Backend follows HTTP calls there. */
const isHeld = (before: SyncMode, after: SyncMode): boolean =>
  followsEvents(after) && isForward(before, after)

/** Backend's own consumer needs no confirmation: Backend goes on receiving HTTP calls. */
const BACKEND = 'backend'

const findSilencedConsumers = ({
  deployment: { consumers },
  confirmSilence,
}: Transition): TransitionObstacle | null => {
  if (consumers === null)
    return confirmSilence.length > 0 ? null : { kind: 'consumers-fall-silent', consumers }
  const silenced = consumers.filter((name) => name !== BACKEND && !confirmSilence.includes(name))
  return silenced.length === 0 ? null : { kind: 'consumers-fall-silent', consumers: silenced }
}

const makeAudit =
  ({ stores, clock }: Needs) =>
  async (before: SyncState, after: SyncState, caller: UserContext | null): Promise<void> => {
    await stores.audit.append(
      administratorEntry('sync.changed', caller, {
        subjectId: null,
        details: `${describeMode(before)} to ${describeMode(after)}: ${after.reason}`,
        at: clock(),
      }),
    )
  }
