import type { SyncState } from '../../../../src/domain/migration/sync-state.ts'
import type { SyncStatus } from '../../../../src/ports/driving/migration/sync-mode.ts'
import type { SyncReport } from '../../../../src/ports/driving/migration/sync-report.ts'

const NOW = new Date('2026-11-24T10:00:00.000Z')

/** The mode of an installation without HTTP calls. */
export const SYNC_STATE: SyncState = {
  mode: 'events',
  percent: 100,
  dualWrite: false,
  epoch: 4,
  armed: false,
  reason: 'the settings',
  changedAt: NOW,
  changedBy: 'settings',
  heldUntil: null,
  silentSince: null,
}

export const SYNC_STATUS: SyncStatus = {
  state: SYNC_STATE,
  settingsIgnored: false,
  consumers: [
    {
      name: 'chat',
      subject: 'user.events',
      pending: 2,
      ackPending: 1,
      redelivered: 0,
      oldestUnackedSeconds: 0.5,
    },
  ],
  channels: [
    {
      channel: 'nats:user.events',
      state: 'active',
      pending: 3,
      parked: 0,
      oldestPendingSeconds: 0.25,
      statistics: { p50Ms: 4, p95Ms: 9, p99Ms: null, publishedLast5m: 12, failedLast5m: 1 },
    },
  ],
  rolloutGuard: { state: 'off', breaches: 0 },
  stream: {
    name: 'USER_EVENTS',
    replicasConfigured: 3,
    replicasCurrent: 3,
    messages: 12,
    bytes: 7000,
    firstSequence: 1,
    lastSequence: 12,
    createdAt: NOW,
  },
}

export const SYNC_REPORT: SyncReport = {
  status: SYNC_STATUS,
  hours: 31.5,
  onlyEvents: 0,
  onlyCalls: 0,
  outOfOrder: { events: 0, calls: 0 },
  states: null,
  verdict: { isSafe: true, next: 'canary at 50 %', reasons: [] },
}
