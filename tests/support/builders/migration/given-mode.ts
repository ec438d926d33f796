import { v7 } from 'uuid'
import type { SyncMode, SyncModeName } from '../../../../src/domain/migration/sync-mode.ts'
import { makeSyncMode } from '../../../../src/domain/migration/sync-mode.ts'
import type { SyncModes } from '../../../../src/ports/driven/migration/sync-modes.ts'

/** A valid mode. */
export const modeOf = (mode: SyncModeName, percent?: number, dualWrite?: boolean): SyncMode => {
  const made = makeSyncMode(mode, percent ?? null, dualWrite ?? null)
  if ('code' in made) throw new Error(`${made.field} ${made.code}`)
  return made
}

/** Sets the mode, whatever it was before. */
export const givenMode = async (syncModes: SyncModes, mode: SyncMode) => {
  const { epoch } = await syncModes.read()
  const change = { ...mode, reason: 'a test', changedBy: 'owner', heldUntil: null } as const
  const changed = await syncModes.change(change, epoch, { acceptGap: true, backfillId: v7() })
  if (!changed.ok) throw new Error(changed.refusal.kind)
  return changed.value
}
