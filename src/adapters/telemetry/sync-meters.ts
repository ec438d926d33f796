import type { Registry } from 'prom-client'
import { SYNC_MODES } from '../../domain/migration/sync-mode.ts'
import type { Measurements } from '../../ports/driven/operations/measurements.ts'
import { gauge } from './instruments.ts'

type SyncMeters = Pick<Measurements, 'syncMode' | 'guard'>

/** Which leg leads, and what its guard has to say. No mode holds before one was seen. */
export const makeSyncMeters = (registry: Registry): SyncMeters => {
  let seen: Parameters<Measurements['syncMode']>[0] | null = null
  let guarded = { breaches: 0, isStuck: false }
  gauge(registry, 'auth_sync_mode', 'Which mode holds: 1 for that one', ['mode'], (shown) => {
    for (const mode of SYNC_MODES) shown.set({ mode }, seen?.mode === mode ? 1 : 0)
  })
  gauge(registry, 'auth_sync_percent', 'Of a hundred users, how many follow events', [], (shown) =>
    shown.set(seen?.percent ?? 0),
  )
  gauge(registry, 'auth_sync_armed', 'Whether calls go because events cannot', [], (shown) =>
    shown.set(seen?.armed === true ? 1 : 0),
  )
  gauge(registry, 'auth_sync_guard_breaches', 'Checks that failed in a row', [], (shown) =>
    shown.set(guarded.breaches),
  )
  gauge(registry, 'auth_sync_guard_stuck', 'Whether neither leg is well', [], (shown) =>
    shown.set(guarded.isStuck ? 1 : 0),
  )
  return {
    syncMode: (mode) => {
      seen = mode
    },
    guard: (breaches, isStuck) => {
      guarded = { breaches, isStuck }
    },
  }
}
