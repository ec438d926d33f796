import type { AuditTrail } from '../../ports/driven/audit/audit-trail.ts'
import type { LimitMeasurements } from '../../ports/driven/limits/limit-measurements.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'

type Needs = {
  readonly audit: AuditTrail
  readonly measurements: LimitMeasurements
  readonly clock: Clock
  readonly log: Log
}

/**
 * Measures and audits, once each, that instances no longer count attempts together, or do so again. Never rejects:
 * limits go on whether or not this can be written.
 */
export const makeNoteLimits =
  ({ audit, measurements, clock, log }: Needs) =>
  async (areShared: boolean): Promise<void> => {
    measurements.limitsShared(areShared)
    try {
      await audit.append({
        action: areShared ? 'limits.shared' : 'limits.split',
        result: 'ok',
        ...{ actorId: null, subjectId: null, addressPrefix: null },
        at: clock(),
      })
    } catch (fault) {
      log('error', 'limits.audit-failed', { areShared }, fault)
    }
  }
