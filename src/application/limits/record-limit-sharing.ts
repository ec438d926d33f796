import type { AuditTrail } from '../../ports/driven/audit/audit-trail.ts'
import type { LimitMeasurements } from '../../ports/driven/limits/limit-measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import { operatorEntry } from '../audit/audit-entries.ts'

type Needs = {
  readonly audit: AuditTrail
  readonly measurements: LimitMeasurements
  readonly clock: Clock
  readonly log: Log
}

/**
 * Records in the metrics and in the audit trail that the instances no longer share their rate limits, or share them
 * again. Never rejects: a fault of the audit trail is logged, and the limits work on.
 */
export const makeRecordLimitSharing =
  ({ audit, measurements, clock, log }: Needs) =>
  async (areShared: boolean): Promise<void> => {
    measurements.limitsShared(areShared)
    try {
      const action = areShared ? 'limits.shared' : 'limits.split'
      await audit.append(operatorEntry(action, { at: clock() }))
    } catch (fault) {
      log('error', 'limits.audit-failed', { areShared }, fault)
    }
  }
