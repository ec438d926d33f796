import type { Deployment, SyncState } from '../../../../src/domain/migration/sync-state.ts'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { SyncModes } from '../../../../src/ports/driven/migration/sync-modes.ts'
import { SYNC_STATE } from '../../builders/migration/sync-status.ts'

/** A mode in memory that a test sets and reads, without deliveries. */
export const listedSyncModes = (state: Partial<SyncState> = {}) => {
  let present: SyncState = { ...SYNC_STATE, ...state }
  let known: Deployment = {
    settings: null,
    hasReceiver: true,
    channels: ['nats:user.events', 'http:backend'],
    guard: 'version',
    consumers: [],
  }
  let gapSince: Date | null = null
  let waitingSeconds = 0
  let armings = 0
  const syncModes: SyncModes = {
    read: async () => present,
    deployment: async () => known,
    noteDeployment: async (news) => {
      known = { ...known, ...news }
    },
    adoptFirstMode: async () => false,
    change: async (change, epoch, { acceptGap }) => {
      if (epoch !== present.epoch) return fail({ kind: 'stale' })
      if (gapSince !== null && !acceptGap)
        return fail({ kind: 'snapshot-needed', silentSince: gapSince })
      present = { ...present, ...change, epoch: epoch + 1 }
      return ok({ state: present, backfilled: 0 })
    },
    waitingSeconds: async () => waitingSeconds,
    arm: async () => {
      const isNews = !present.armed
      present = { ...present, armed: true }
      armings += 1
      return isNews
    },
    disarm: async () => {
      const isNews = present.armed
      present = { ...present, armed: false }
      return isNews
    },
  }
  return {
    syncModes,
    state: () => present,
    setState: (news: Partial<SyncState>) => {
      present = { ...present, ...news }
    },
    deployment: () => known,
    hasGapSince: (since: Date) => {
      gapSince = since
    },
    waits: (seconds: number) => {
      waitingSeconds = seconds
    },
    /** How often the fallback was turned on or confirmed. */
    armings: () => armings,
  }
}
