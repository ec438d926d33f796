import type { SyncMode } from '../../domain/migration/sync-mode.ts'
import {
  describeMode,
  isSameMode,
  makeSyncMode,
  SYNC_MODES,
} from '../../domain/migration/sync-mode.ts'
import { codePoints, isPlainText } from '../../domain/shared/plain-text.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { ReceiverGuard } from '../../ports/driven/migration/receiver-guard.ts'
import type {
  SyncModeRefusal,
  SyncModes,
  SyncState,
} from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Stores } from '../../ports/driven/transact.ts'
import type {
  ChangeSyncMode,
  InvalidSyncMode,
  SyncModeRequest,
} from '../../ports/driving/migration/sync-mode.ts'
import type { UserContext } from '../../ports/driving/sessions/user-context.ts'
import { administratorEntry } from '../audit/audit-entries.ts'
import { obstacleTo } from './check-transition.ts'

type Needs = {
  readonly syncModes: SyncModes
  /** Null where the receiver cannot be asked; then counts what it said before. */
  readonly receiverGuard: Pick<ReceiverGuard, 'ask'> | null
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  /** Tells every instance at once what it would find out a moment later. */
  readonly announceMode: () => void
  readonly log: Log
  readonly clock: Clock
}

const REASON_MAXIMUM = 500

/** See `ChangeSyncMode`. Recorded once it is done: what was refused has changed nothing. */
export const makeChangeSyncMode = (needs: Needs): ChangeSyncMode => {
  const { syncModes, identifiers, announceMode, log, clock } = needs
  const askGuard = makeAskGuard(needs)
  const record = makeRecord(needs)
  return async (request, expected, caller) => {
    const read = readRequest(request)
    if (!read.ok) return read
    const { after, reason } = read.value
    const before = await syncModes.read()
    if (expected !== null && !expected.includes(before.epoch))
      return fail({ kind: 'version-mismatch' })
    if (isSameMode(before, after)) return ok(before)
    const surroundings = await syncModes.surroundings()
    const now = clock()
    const { confirmSilence, acceptGap } = request
    const ask = () => askGuard(surroundings.guard)
    const situation = { before, after, surroundings, confirmSilence, now, askGuard: ask }
    const obstacle = await obstacleTo(situation)
    if (obstacle !== null) return fail({ kind: 'mode-not-allowed', obstacle })
    const changedBy = caller?.id ?? 'owner'
    const heldUntil = before.heldUntil !== null && before.heldUntil > now ? before.heldUntil : null
    const backfillId = identifiers.replayId()
    const changed = await syncModes.change(
      { ...after, reason, changedBy, heldUntil },
      before.epoch,
      { acceptGap, backfillId },
    )
    if (!changed.ok) return fail(refusalOf(changed.refusal))
    const { state, backfilled } = changed.value
    await record(before, state, caller)
    const { mode, percent, dualWrite, epoch } = state
    log('info', 'sync.changed', { mode, percent, dualWrite, epoch, changedBy, backfilled })
    announceMode()
    return ok(state)
  }
}

const refusalOf = (refusal: SyncModeRefusal) =>
  refusal.kind === 'stale' ? ({ kind: 'version-mismatch' } as const) : refusal

/** What it says now; where it does not answer, what it said last. */
const makeAskGuard =
  ({ receiverGuard, syncModes }: Needs) =>
  async (known: Awaited<ReturnType<ReceiverGuard['ask']>>) => {
    const answer = (await receiverGuard?.ask()) ?? 'unknown'
    if (answer === 'unknown') return known
    if (answer !== known) await syncModes.note({ guard: answer })
    return answer
  }

const makeRecord =
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

const readRequest = (
  request: SyncModeRequest,
): Result<{ readonly after: SyncMode; readonly reason: string }, InvalidSyncMode> => {
  const invalid = (problem: InvalidSyncMode['problem']) =>
    fail({ kind: 'invalid-sync-mode', problem } as const)
  const mode = SYNC_MODES.find((known) => known === request.mode)
  if (mode === undefined) return invalid({ field: 'mode', code: 'unknown-mode' })
  const after = makeSyncMode(mode, request.percent, request.dualWrite)
  if ('code' in after) return invalid(after)
  const reason = request.reason.trim()
  return reason === '' || codePoints(reason) > REASON_MAXIMUM || !isPlainText(reason)
    ? invalid({ field: 'reason', code: 'no-reason' })
    : ok({ after, reason })
}
